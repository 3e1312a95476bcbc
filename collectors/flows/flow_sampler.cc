#include "collectors/flows/flow_sampler.h"

#include <algorithm>
#include <utility>

#include "kernel/thread.h"

namespace conntrack {

std::optional<std::uint64_t> EntriesThroughout(const EntriesCount& count,
                                               const std::function<void()>& walk) {
  const auto before = count();
  walk();
  const auto after = count();
  return before && after ? std::optional(std::min(*before, *after)) : std::nullopt;
}

std::optional<std::uint64_t> UnseenEntries(std::optional<std::uint64_t> entries,
                                           std::uint64_t flows,
                                           const std::optional<kernel::HashTableStats>& table) {
  if (!entries) return std::nullopt;
  const auto seen = flows + (table ? table->expired : 0);
  return *entries - std::min(*entries, seen);
}

FlowSampler::FlowSampler(std::unique_ptr<kernel::FlowSource> source, double cpu_share,
                         const FlowTallyOptions& tally, Clock clock, EntriesCount count)
    : source_(std::move(source)),
      cpu_share_(cpu_share),
      clock_(std::move(clock)),
      count_(std::move(count)),
      tally_(tally),
      thread_(kernel::StartThread("flows", [this](const std::stop_token& stop) { Run(stop); })) {}

Result<std::shared_ptr<const FlowSnapshot>> FlowSampler::Latest(
    std::chrono::steady_clock::time_point deadline, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  if (!walking_ && !wanted_ && MayStart()) {
    wanted_ = true;
    changed_.notify_all();
  }
  if (walking_ || wanted_) {
    const auto walks = walks_;
    const bool finished =
        changed_.wait_until(lock, stop, deadline, [&] { return walks_ != walks; });
    if (walking_ && clock_() - walk_began_ >= kHangsAfter) {
      return Fail(ErrorKind::kIo, "the walk of the table does not finish",
                  "/proc/PID/task/*/stack of the thread flows shows the system call");
    }
    if (!finished && !snapshot_ && !error_) {
      return Fail(ErrorKind::kTimeout,
                  "the first walk of the table did not finish in time; it continues",
                  "raise scrape_timeout");
    }
  }
  if (error_) return Fail(*error_);
  return snapshot_;
}

std::chrono::steady_clock::duration FlowSampler::UnderWay() const {
  const std::lock_guard lock(mutex_);
  return walking_ ? clock_() - walk_began_ : std::chrono::steady_clock::duration::zero();
}

kernel::WalkErrors FlowSampler::errors() const {
  const std::lock_guard lock(mutex_);
  return errors_;
}

bool FlowSampler::MayStart() const { return !next_start_ || clock_() >= *next_start_; }

void FlowSampler::Run(const std::stop_token& stop) {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      if (!changed_.wait(lock, stop, [this] { return wanted_; })) return;
      wanted_ = false;
      walking_ = true;
      walk_began_ = clock_();
    }
    WalkOnce(stop);
  }
}

Result<std::shared_ptr<FlowSnapshot>> FlowSampler::Walk(const std::stop_token& stop) {
  const auto began = clock_();
  Result<void> walked;
  const auto entries = EntriesThroughout(count_, [&] { walked = source_->Walk(tally_, stop); });
  if (!walked) return Fail(std::move(walked.error()));
  const auto completed = clock_();
  auto table = source_->table();
  const auto unseen = UnseenEntries(entries, tally_.counts().flows(), table);
  return std::make_shared<FlowSnapshot>(
      FlowSnapshot{tally_.Summary(), completed, completed - began, std::string(source_->name()),
                   source_->fallback_reason(), std::move(table), unseen});
}

void FlowSampler::WalkOnce(const std::stop_token& stop) {
  const auto began = clock_();
  auto outcome = kernel::Caught([&] { return Walk(stop); });
  const auto completed = clock_();
  const std::lock_guard lock(mutex_);
  const std::chrono::duration<double> pause =
      std::chrono::duration<double>(completed - began) * source_->threads() / cpu_share_;
  next_start_ = began + std::chrono::duration_cast<std::chrono::steady_clock::duration>(pause);
  if (outcome) {
    snapshot_ = *std::move(outcome);
    error_.reset();
  } else {
    error_ = std::move(outcome.error());
  }
  errors_ = source_->errors();
  walking_ = false;
  ++walks_;
  changed_.notify_all();
}

}  // namespace conntrack
