#include "collectors/flows/flow_sampler.h"

#include <utility>

namespace conntrack {

FlowSampler::FlowSampler(std::unique_ptr<kernel::FlowSource> source, double cpu_share,
                         const FlowTallyOptions& tally, Clock clock)
    : source_(std::move(source)),
      cpu_share_(cpu_share),
      clock_(std::move(clock)),
      tally_(tally),
      thread_([this](const std::stop_token& stop) { Run(stop); }) {}

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
    if (!finished && !snapshot_ && !error_) {
      return Fail(ErrorKind::kTimeout,
                  "the first walk of the table was not done in time; it goes on",
                  "allow the scrape more time (scrape_timeout)");
    }
  }
  if (error_) return Fail(*error_);
  return snapshot_;
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
    }
    WalkOnce(stop);
  }
}

void FlowSampler::WalkOnce(const std::stop_token& stop) {
  const auto began = clock_();
  const auto outcome = source_->Walk(tally_, stop);
  const auto completed = clock_();
  std::shared_ptr<FlowSnapshot> snapshot;
  if (outcome) {
    snapshot = std::make_shared<FlowSnapshot>(
        FlowSnapshot{tally_.Summary(), completed, completed - began, std::string(source_->name()),
                     source_->fallback_reason(), source_->table()});
  }

  const std::lock_guard lock(mutex_);
  const std::chrono::duration<double> pause =
      std::chrono::duration<double>(completed - began) * source_->threads() / cpu_share_;
  next_start_ = began + std::chrono::duration_cast<std::chrono::steady_clock::duration>(pause);
  if (outcome) {
    snapshot_ = std::move(snapshot);
    error_.reset();
  } else {
    error_ = outcome.error();
  }
  errors_ = source_->errors();
  walking_ = false;
  ++walks_;
  changed_.notify_all();
}

}  // namespace conntrack
