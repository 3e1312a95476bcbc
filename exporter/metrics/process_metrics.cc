#include "exporter/metrics/process_metrics.h"

#include <unistd.h>

#include <array>
#include <string>
#include <string_view>

#include "exporter/version.h"
#include "kernel/text.h"

namespace conntrack::exporter {
namespace {

// Fields of /proc/self/stat after the command name, counted from the state as 0 (field number of
// proc(5) minus 3).
constexpr std::size_t kUserTime = 11;
constexpr std::size_t kSystemTime = 12;
constexpr std::size_t kStartTime = 19;
constexpr std::size_t kVirtualBytes = 20;
constexpr std::size_t kResidentPages = 21;
constexpr std::size_t kFields = 22;

double NumberOf(std::string_view word) {
  return static_cast<double>(kernel::ParseNumber<std::int64_t>(word).value_or(0));
}

/// Returns the words after the command name, which is in parentheses and may contain blanks.
std::array<std::string_view, kFields> StatFields(std::string_view text) {
  std::array<std::string_view, kFields> fields{};
  const auto name_end = text.rfind(')');
  if (name_end == std::string_view::npos) return fields;
  text.remove_prefix(name_end + 1);
  for (auto& field : fields) field = kernel::TakeWord(text);
  return fields;
}

/// Returns the first number after `key` at the beginning of a line; 0 if there is none.
double NumberAfter(std::string_view text, std::string_view key) {
  while (!text.empty()) {
    auto line = kernel::TakeLine(text);
    if (!line.starts_with(key)) continue;
    line.remove_prefix(key.size());
    return NumberOf(kernel::TakeWord(line));
  }
  return 0;
}

Family BuildInfo() {
  return {"conntrack_exporter_build_info",
          "Version, revision and compiler of the exporter. Always 1.",
          MetricType::kGauge,
          {{{{"version", std::string(kVersion)},
             {"revision", std::string(kRevision)},
             {"compiler", std::string(kCompiler)},
             {"architecture", std::string(kArchitecture)}},
            1}}};
}

}  // namespace

std::vector<Family> ProcessFamilies(const kernel::KernelFiles& proc) {
  std::vector<Family> families = {BuildInfo()};
  const auto ticks = static_cast<double>(::sysconf(_SC_CLK_TCK));
  if (const auto stat = proc.Read("self/stat")) {
    const auto fields = StatFields(*stat);
    families.push_back(
        Counter("process_cpu_seconds_total", "User and system CPU time of the exporter in seconds.",
                (NumberOf(fields[kUserTime]) + NumberOf(fields[kSystemTime])) / ticks));
    families.push_back(Gauge("process_virtual_memory_bytes", "Virtual memory of the exporter.",
                             NumberOf(fields[kVirtualBytes])));
    families.push_back(
        Gauge("process_resident_memory_bytes", "Resident memory of the exporter.",
              NumberOf(fields[kResidentPages]) * static_cast<double>(::sysconf(_SC_PAGESIZE))));
    if (const auto machine = proc.Read("stat")) {
      families.push_back(
          Gauge("process_start_time_seconds", "Start of the exporter, in seconds since 1970.",
                NumberAfter(*machine, "btime") + NumberOf(fields[kStartTime]) / ticks));
    }
  }
  if (const auto limits = proc.Read("self/limits")) {
    families.push_back(Gauge("process_max_fds", "Maximum number of open file descriptors.",
                             NumberAfter(*limits, "Max open files")));
  }
  if (const auto fds = proc.List("self/fd")) {
    families.push_back(Gauge("process_open_fds", "Number of open file descriptors.",
                             static_cast<double>(fds->size())));
  }
  return families;
}

}  // namespace conntrack::exporter
