// One source of flows, and another for where it cannot.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "kernel/flow_source.h"

namespace conntrack::kernel {

/// \brief  Walks by the preferred source, and by the other where that one fails or is not there, each
///         time anew: what stood in the way may be gone.
///
/// Errors:  of the other source.
/// Threads and cost: of the source that walked, after the cost of a failure.
class PreferredFlowSource final : public FlowSource {
 public:
  /// An error in place of the preferred source says why there is none.
  PreferredFlowSource(Result<std::unique_ptr<FlowSource>> preferred,
                      std::unique_ptr<FlowSource> otherwise);

  [[nodiscard]] std::string_view name() const override { return used_->name(); }
  [[nodiscard]] Result<void> Walk(FlowVisitor& visitor, const std::stop_token& stop) override;
  [[nodiscard]] WalkTroubles troubles() const override;
  [[nodiscard]] std::optional<HashTable> table() const override { return used_->table(); }
  [[nodiscard]] std::optional<Error> why_not_preferred() const override { return why_not_; }
  [[nodiscard]] unsigned threads() const override { return used_->threads(); }

 private:
  const std::unique_ptr<FlowSource> preferred_;  // may be null
  const std::unique_ptr<FlowSource> otherwise_;
  FlowSource* used_;
  std::optional<Error> why_not_;
};

/// A source that is asked for and is not there: each walk fails with the reason.
class MissingFlowSource final : public FlowSource {
 public:
  MissingFlowSource(std::string name, Error reason)
      : name_(std::move(name)), reason_(std::move(reason)) {}

  [[nodiscard]] std::string_view name() const override { return name_; }
  [[nodiscard]] Result<void> Walk(FlowVisitor&, const std::stop_token&) override {
    return Fail(reason_);
  }
  [[nodiscard]] WalkTroubles troubles() const override { return {}; }

 private:
  const std::string name_;
  const Error reason_;
};

}  // namespace conntrack::kernel
