#include "collectors/entries_peak.h"

#include <condition_variable>
#include <string_view>
#include <utility>

#include "kernel/proc/sysctl.h"
#include "kernel/thread.h"

namespace conntrack {
namespace {

constexpr std::chrono::milliseconds kInterval{250};

}  // namespace

EntriesPeak::EntriesPeak(kernel::KernelFiles proc, Watch watch)
    : proc_(std::move(proc)),
      watch_(std::move(watch)),
      thread_(kernel::StartThread("entries peak",
                                  [this](const std::stop_token& stop) { Run(stop); })) {}

std::int64_t EntriesPeak::Get(std::int64_t current) {
  const auto now = std::chrono::steady_clock::now();
  const std::lock_guard lock(mutex_);
  Add(now, current);
  return maximum_.Get(now).value_or(current);
}

std::int64_t EntriesPeak::Highest(std::int64_t current) {
  const auto now = std::chrono::steady_clock::now();
  const std::lock_guard lock(mutex_);
  Add(now, current);
  return highest_;
}

double EntriesPeak::FullSeconds(std::int64_t current, std::int64_t limit) {
  const std::lock_guard lock(mutex_);
  full_.Add(std::chrono::steady_clock::now(), current, limit);
  return full_.seconds();
}

void EntriesPeak::Add(std::chrono::steady_clock::time_point now, std::int64_t count) {
  maximum_.Add(now, count);
  highest_ = std::max(highest_, count);
}

void EntriesPeak::Run(const std::stop_token& stop) {
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex_);
  const auto read = [this](std::string_view name) {
    return kernel::Caught([&] { return kernel::ReadSysctl(proc_, name); });
  };
  while (!stop.stop_requested()) {
    lock.unlock();
    const auto count = read("nf_conntrack_count");
    const auto limit = read("nf_conntrack_max");
    if (count && watch_) watch_(*count, limit ? std::optional(*limit) : std::nullopt);
    lock.lock();
    const auto now = std::chrono::steady_clock::now();
    if (count) Add(now, *count);
    if (count && limit) full_.Add(now, *count, *limit);
    stopped.wait_for(lock, stop, kInterval, [] { return false; });
  }
}

}  // namespace conntrack
