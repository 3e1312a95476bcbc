// How far a walk of the table has come.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <ostream>
#include <stop_token>

#include "kernel/flow_source.h"

namespace conntrack::exporter::report {

/// \brief  Passes flows on, shows how many there were, and stops the walk when interrupted.
///
/// The line appears after a second, so that short walks do not flicker, and is wiped at the end.
/// Threads and cost: one thread; looks at the clock once in 4096 flows.
class Progress final : public kernel::FlowVisitor {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;

  /// `line` is where to show the progress; may be null. Requests a stop from `stop` once
  /// `interrupted` is true.
  Progress(kernel::FlowVisitor& next, std::uint64_t expected, std::ostream* line,
           std::function<bool()> interrupted, std::stop_source stop,
           Clock clock = std::chrono::steady_clock::now);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  ~Progress() override;

  void Begin() override;
  void Visit(const kernel::Flow& flow) override;

 private:
  void Look();

  kernel::FlowVisitor& next_;
  const std::uint64_t expected_;
  std::ostream* const line_;
  const std::function<bool()> interrupted_;
  std::stop_source stop_;
  const Clock clock_;
  std::uint64_t flows_ = 0;
  std::chrono::steady_clock::time_point next_line_;
  bool shown_ = false;
};

}  // namespace conntrack::exporter::report
