#include "kernel/fallback_flow_source.h"

#include <utility>

namespace conntrack::kernel {

FallbackFlowSource::FallbackFlowSource(Result<std::unique_ptr<FlowSource>> preferred,
                                       std::unique_ptr<FlowSource> fallback)
    : preferred_(preferred ? std::move(*preferred) : nullptr),
      fallback_(std::move(fallback)),
      used_(preferred_ ? preferred_.get() : fallback_.get()) {
  if (!preferred) fallback_reason_ = std::move(preferred.error());
}

Result<void> FallbackFlowSource::Walk(FlowVisitor& visitor, const std::stop_token& stop) {
  if (preferred_) {
    used_ = preferred_.get();
    fallback_reason_.reset();
    auto walked = preferred_->Walk(visitor, stop);
    if (walked || stop.stop_requested()) return walked;
    fallback_reason_ = std::move(walked.error());
  }
  used_ = fallback_.get();
  return fallback_->Walk(visitor, stop);
}

WalkErrors FallbackFlowSource::errors() const {
  auto all = fallback_->errors();
  if (!preferred_) return all;
  const auto of_preferred = preferred_->errors();
  all.interruptions += of_preferred.interruptions;
  all.overruns += of_preferred.overruns;
  all.skipped += of_preferred.skipped;
  all.torn += of_preferred.torn;
  return all;
}

}  // namespace conntrack::kernel
