// A preferred source of flows with a fallback.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "kernel/flow_source.h"

namespace conntrack::kernel {

/// \brief  Walks with the preferred source, or with the fallback if that fails. Each walk tries the
///         preferred source first.
/// Errors:  those of the fallback.
/// Threads and cost: those of the source used, plus the cost of a failed attempt.
class FallbackFlowSource final : public FlowSource {
 public:
  /// If `preferred` is an error, it says why that source is unavailable.
  FallbackFlowSource(Result<std::unique_ptr<FlowSource>> preferred,
                     std::unique_ptr<FlowSource> fallback);

  [[nodiscard]] std::string_view name() const override { return used_->name(); }
  [[nodiscard]] Result<void> Walk(FlowVisitor& visitor, const std::stop_token& stop) override;
  [[nodiscard]] WalkErrors errors() const override;
  [[nodiscard]] std::optional<HashTableStats> table() const override { return used_->table(); }
  [[nodiscard]] std::optional<Error> fallback_reason() const override { return fallback_reason_; }
  [[nodiscard]] unsigned threads() const override { return used_->threads(); }

 private:
  const std::unique_ptr<FlowSource> preferred_;  // may be null
  const std::unique_ptr<FlowSource> fallback_;
  FlowSource* used_;
  std::optional<Error> fallback_reason_;
};

/// A source that was requested but is unavailable. Each walk fails with the reason.
class UnavailableFlowSource final : public FlowSource {
 public:
  UnavailableFlowSource(std::string name, Error reason)
      : name_(std::move(name)), reason_(std::move(reason)) {}

  [[nodiscard]] std::string_view name() const override { return name_; }
  [[nodiscard]] Result<void> Walk(FlowVisitor&, const std::stop_token&) override {
    return Fail(reason_);
  }
  [[nodiscard]] WalkErrors errors() const override { return {}; }

 private:
  const std::string name_;
  const Error reason_;
};

}  // namespace conntrack::kernel
