#include "exporter/commands/commands.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "exporter/metrics/exposition.h"
#include "exporter/metrics/presence_watch.h"
#include "exporter/metrics/process_metrics.h"
#include "exporter/process/atomic_file.h"
#include "exporter/process/leave.h"
#include "exporter/process/log.h"
#include "exporter/process/stop_signals.h"

namespace conntrack::exporter {
namespace {

using std::chrono::steady_clock;

// No client waits here, and a first walk of a table with millions of flows takes this long.
constexpr std::chrono::seconds kScrapeTimeout{30};
constexpr std::string_view kStandardOutput = "-";

/// Adds the labels of --output.textfile.label, "NAME=VALUE", to every series.
/// Errors:  kMalformed if a label of that name already exists.
Result<void> AddLabels(const std::vector<std::string>& labels, std::vector<Family>& families) {
  for (const std::string_view label : labels) {
    const auto name = label.substr(0, label.find('='));
    for (auto& family : families) {
      for (auto& sample : family.samples) {
        if (std::ranges::find(sample.labels, name, &Label::name) != sample.labels.end()) {
          return Fail(ErrorKind::kMalformed,
                      "--output.textfile.label=" + std::string(label) + ": " +
                          std::string(family.name) + " has a label of that name already",
                      "give it another name");
        }
        sample.labels.push_back({name, std::string(label.substr(name.size() + 1))});
      }
    }
  }
  return {};
}

Result<std::string> Metrics(ReadingScheduler& scheduler, PresenceWatch& presence,
                            const Options& options) {
  auto families = presence.Read();
  std::ranges::move(
      FamiliesOf(scheduler.Read(scheduler.names(), steady_clock::now() + kScrapeTimeout)),
      std::back_inserter(families));
  if (options.exporter_metrics) {
    for (auto& family : ProcessFamilies(kernel::KernelFiles("/proc"))) {
      if (!family.name.starts_with("process_")) families.push_back(std::move(family));
    }
  }
  return AddLabels(options.output.labels, families).map([&] { return RenderText(families); });
}

void LogFailure(const Error& error) {
  log::ErrorLine("cannot write", {{"err", error.message}, {"remedy", error.remedy}});
}

// Writes, and logs the outcome if it differs from the previous one.
class Writer {
 public:
  explicit Writer(std::string path) : path_(std::move(path)) {}

  [[nodiscard]] bool Write(std::string_view text) {
    const auto written = WriteFileAtomically(path_, text);
    const auto failure = written ? std::string() : written.error().message;
    if (failure != last_failure_ && written) log::Info("written again", {{"path", path_}});
    if (failure != last_failure_ && !written) LogFailure(written.error());
    last_failure_ = failure;
    return written.has_value();
  }

 private:
  const std::string path_;
  std::string last_failure_;
};

int WriteUntilStopped(const Options& options, ReadingScheduler& scheduler, PresenceWatch& presence,
                      std::ostream& out) {
  StopSignalWatcher signals([&scheduler] { scheduler.Stop(); });
  Writer writer(options.output.textfile);
  const auto interval = std::chrono::duration_cast<steady_clock::duration>(
      std::chrono::duration<double>(options.output.interval));
  auto next = steady_clock::now();
  for (bool first = true;; first = false) {
    const auto text = Metrics(scheduler, presence, options);
    if (signals.stopped()) {  // the reading was interrupted: do not write it
      log::Info("stopping", {{"path", options.output.textfile}});
      return first ? 1 : 0;
    }
    if (!text) {
      LogFailure(text.error());
      return 2;
    }
    if (options.output.textfile == kStandardOutput) return out << *text << std::flush ? 0 : 1;
    if (!writer.Write(*text) && first) return 1;
    if (interval <= interval.zero()) return 0;
    // After a write longer than the interval, start the next one at once, but only one.
    next = std::max(next + interval, steady_clock::now());
    if (signals.WaitUntil(next)) return 0;
  }
}

}  // namespace

int Textfile(const Options& options, std::vector<NamedCollector> collectors,
             const KernelAccess& access, std::ostream& out) {
  StartIsDone();
  BlockStopSignals();
  ReadingScheduler scheduler(std::move(collectors));
  PresenceWatch presence(access.presence);
  const int code = WriteUntilStopped(options, scheduler, presence, out);
  LeaveSoon(code);  // a collector may hang
  return code;
}

}  // namespace conntrack::exporter
