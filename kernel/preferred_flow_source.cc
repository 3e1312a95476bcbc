#include "kernel/preferred_flow_source.h"

#include <utility>

namespace conntrack::kernel {

PreferredFlowSource::PreferredFlowSource(Result<std::unique_ptr<FlowSource>> preferred,
                                         std::unique_ptr<FlowSource> otherwise)
    : preferred_(preferred ? std::move(*preferred) : nullptr),
      otherwise_(std::move(otherwise)),
      used_(preferred_ ? preferred_.get() : otherwise_.get()) {
  if (!preferred) why_not_ = std::move(preferred.error());
}

Result<void> PreferredFlowSource::Walk(FlowVisitor& visitor, const std::stop_token& stop) {
  if (preferred_) {
    used_ = preferred_.get();
    why_not_.reset();
    auto walked = preferred_->Walk(visitor, stop);
    if (walked || stop.stop_requested()) return walked;
    why_not_ = std::move(walked.error());
  }
  used_ = otherwise_.get();
  return otherwise_->Walk(visitor, stop);
}

WalkTroubles PreferredFlowSource::troubles() const {
  auto all = otherwise_->troubles();
  if (!preferred_) return all;
  const auto of_preferred = preferred_->troubles();
  all.interruptions += of_preferred.interruptions;
  all.overruns += of_preferred.overruns;
  all.skipped += of_preferred.skipped;
  all.torn += of_preferred.torn;
  return all;
}

}  // namespace conntrack::kernel
