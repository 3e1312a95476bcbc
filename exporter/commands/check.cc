#include "exporter/commands/check.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <iomanip>

#include "exporter/commands/check_privileges.h"
#include "exporter/version.h"
#include "exporter/web/server/features.h"

namespace conntrack::exporter {
namespace {

// A first walk of a table of some millions of flows takes that long.
constexpr std::chrono::seconds kPatience{30};
constexpr int kStateWidth = 13;
constexpr int kLeastNameWidth = 13;

/// The lines about collectors, in columns.
class CollectorLines {
 public:
  CollectorLines(std::ostream& out, int name_width) : out_(out), name_width_(name_width) {}

  void Add(const std::string& name, const Result<Collection>& outcome) {
    if (!outcome) {
      Begin(ToString(outcome.error().kind), name);
      End(outcome.error());
      for (const auto* entry : EntriesOf({name})) Continue() << "needs: " << entry->needs << "\n";
      return;
    }
    Begin(outcome->omissions.empty() ? "ok" : "partly", name);
    const auto count = outcome->families.size();
    out_ << count << (count == 1 ? " family" : " families") << " from " << outcome->source << "\n";
    if (outcome->why_this_source) {
      Continue() << "not from bpf: ";
      End(*outcome->why_this_source);
    }
    for (const auto& omission : outcome->omissions) {
      Continue() << "without " << omission.part << ": ";
      End(omission.reason);
    }
  }

  void Add(const LeftOut& left_out) {
    Begin("off", left_out.name);
    End(left_out.reason);
  }

 private:
  void Begin(std::string_view state, const std::string& name) {
    out_ << std::left << std::setw(kStateWidth) << state << std::setw(name_width_) << name;
  }

  std::ostream& Continue() { return out_ << std::setw(kStateWidth + name_width_) << ""; }

  void End(const Error& error) {
    out_ << error.message << "\n";
    if (!error.remedy.empty()) Continue() << "remedy: " << error.remedy << "\n";
  }

  std::ostream& out_;
  const int name_width_;
};

}  // namespace

int Check(const Options& options, std::vector<NamedCollector> collectors,
          const std::vector<CollectorUse>& uses, std::ostream& out) {
  utsname kernel{};
  ::uname(&kernel);
  out << "conntrack_exporter " << kVersion << " on " << kernel.sysname << " " << kernel.release
      << " " << kernel.machine << ", uid " << ::geteuid() << ", " << options.procfs << " and "
      << options.sysfs << "\nserves with " << web::Features() << "\n\n";
  int name_width = kLeastNameWidth;
  for (const auto& entry : collectors) {
    name_width = std::max(name_width, static_cast<int>(entry.name.size()) + 1);
  }
  CollectorLines lines(out, name_width);
  bool all = true;
  for (auto& entry : collectors) {
    const auto outcome = entry.collector->Collect({std::chrono::steady_clock::now() + kPatience});
    all = all && outcome.has_value();
    lines.Add(entry.name, outcome);
  }
  for (const auto& left_out : options.left_out) lines.Add(left_out);
  out << "\n";
  PrintPrivileges(options, uses, out);
  out << "\n"
      << (all ? "Every collector that is on can read what it needs."
              : "Collectors that cannot read are missing from /metrics, with "
                "conntrack_scrape_collector_success 0.")
      << "\n";
  return all ? 0 : 1;
}

}  // namespace conntrack::exporter
