#include "exporter/commands/commands.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <optional>
#include <thread>
#include <utility>

#include "collectors/flows/workloads_collector.h"
#include "exporter/commands/report/formats.h"
#include "exporter/commands/report/gather.h"
#include "exporter/commands/terminal.h"
#include "exporter/process/leave.h"
#include "exporter/process/stop_signals.h"

namespace conntrack::exporter::report {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kBetweenReadings{2};

bool NothingRead(const Situation& situation) {
  return !situation.no_table && !situation.entries && !situation.flows &&
         !situation.loss_since_boot;
}

/// One run of the command.
class Run {
 public:
  Run(const Options& options, KernelAccess access)
      : options_(options.report),
        terminal_(STDOUT_FILENO),
        gatherer_(
            std::move(access), options.collector_options, options_.top,
            Terminal(STDERR_FILENO).is_tty() ? &std::cerr : nullptr,
            [this] { return signals_ && signals_->Came(); },
            std::ranges::count(options.collectors, kWorkloadsCollector) > 0) {}

  int Go() {
    Situation ignored;  // the first reading of the counters is the base
    gatherer_.ReadLosses(ignored);
    const auto begin = steady_clock::now();
    const auto apart = std::min(kBetweenReadings, options_.watch.value_or(kBetweenReadings));
    std::optional<Situation> before;
    for (;;) {
      auto situation = gatherer_.Read();
      if (Wait(before ? begin : begin + apart)) return 0;
      gatherer_.ReadLosses(situation);
      if (!Draw(situation, before ? &*before : nullptr)) return 1;
      if (!options_.watch) return NothingRead(situation) ? 1 : 0;
      // From now, not from the last draw, so that a long walk is not followed by another at once.
      if (Wait(steady_clock::now() + *options_.watch)) return 0;
      before = std::move(situation);
    }
  }

 private:
  /// Returns true if a signal requests to stop.
  bool Wait(steady_clock::time_point end) {
    if (signals_) return signals_->WaitUntil(end) != 0;
    std::this_thread::sleep_until(end);
    return false;
  }

  /// `before` is the last drawn situation, null the first time. Returns false if writing failed.
  [[nodiscard]] bool Draw(const Situation& situation, const Situation* before) const {
    const bool first = before == nullptr;
    const auto heading = HeadingNow();
    const auto findings = Diagnose(situation);
    if (options_.format == ReportFormat::kJson) {
      // One line per object if there are several, so that a program can separate them.
      std::cout << RenderJson(heading, situation, findings, options_.top, options_.watch ? -1 : 2);
    } else {
      const auto text =
          RenderText(heading, situation, findings,
                     {options_.top, terminal_.Columns(kReportWidth), terminal_.colour()}, before);
      if (options_.watch && terminal_.is_tty()) {
        std::cout << Redraw(text, terminal_.Rows(), first);
      } else {
        std::cout << (first ? "" : "\n") << text;
      }
    }
    return static_cast<bool>(std::cout << std::flush);
  }

  const ReportOptions options_;
  // Declared before the gatherer, whose threads inherit the mask. A single report does not handle
  // signals.
  std::optional<StopSignals> signals_ =
      options_.watch ? std::optional<StopSignals>(std::in_place) : std::nullopt;
  const Terminal terminal_;
  Gatherer gatherer_;
};

}  // namespace
}  // namespace conntrack::exporter::report

namespace conntrack::exporter {

int Report(const Options& options, KernelAccess access) {
  report::Run run(options, std::move(access));
  const int code = run.Go();
  LeaveSoon(code);  // a reading may hang
  return code;
}

}  // namespace conntrack::exporter
