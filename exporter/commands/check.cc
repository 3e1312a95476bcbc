#include "exporter/commands/check.h"

#include <sys/utsname.h>
#include <unistd.h>

#include <iomanip>

#include "exporter/commands/check_privileges.h"
#include "exporter/version.h"
#include "exporter/web/server/features.h"

namespace conntrack::exporter {
namespace {

// A first walk of a table of some millions of flows takes that long.
constexpr std::chrono::seconds kPatience{30};
constexpr int kStateWidth = 13;
constexpr int kNameWidth = 13;

std::ostream& Continue(std::ostream& out) {
  return out << std::string(kStateWidth + kNameWidth, ' ');
}

void PrintError(std::ostream& out, const Error& error) {
  out << error.message << "\n";
  if (!error.remedy.empty()) Continue(out) << "remedy: " << error.remedy << "\n";
}

void PrintOutcome(std::ostream& out, const std::string& name, const Result<Collection>& outcome) {
  const bool partial = outcome && !outcome->omissions.empty();
  const std::string_view state = !outcome  ? ToString(outcome.error().kind)
                                 : partial ? "partly"
                                           : "ok";
  out << std::left << std::setw(kStateWidth) << state << std::setw(kNameWidth) << name;
  if (!outcome) {
    PrintError(out, outcome.error());
    return;
  }
  const auto count = outcome->families.size();
  out << count << (count == 1 ? " family" : " families") << " from " << outcome->source << "\n";
  if (outcome->why_this_source) {
    Continue(out) << "not from bpf: ";
    PrintError(out, *outcome->why_this_source);
  }
  for (const auto& omission : outcome->omissions) {
    Continue(out) << "without " << omission.part << ": ";
    PrintError(out, omission.reason);
  }
}

void PrintLeftOut(std::ostream& out, const LeftOut& left_out) {
  out << std::left << std::setw(kStateWidth) << "off" << std::setw(kNameWidth) << left_out.name;
  PrintError(out, left_out.reason);
}

std::string_view NeedsOf(const std::string& name) {
  for (const auto& entry : Catalogue()) {
    if (entry.name == name) return entry.needs;
  }
  return "";
}

}  // namespace

int Check(const Options& options, std::vector<NamedCollector> collectors,
          const std::vector<CollectorUse>& uses, std::ostream& out) {
  utsname kernel{};
  ::uname(&kernel);
  out << "conntrack_exporter " << kVersion << " on " << kernel.sysname << " " << kernel.release
      << " " << kernel.machine << ", uid " << ::geteuid() << ", " << options.procfs << " and "
      << options.sysfs << "\nserves with " << web::Features() << "\n\n";
  bool all = true;
  for (auto& entry : collectors) {
    const auto outcome = entry.collector->Collect({std::chrono::steady_clock::now() + kPatience});
    all = all && outcome.has_value();
    PrintOutcome(out, entry.name, outcome);
    if (!outcome) Continue(out) << "needs: " << NeedsOf(entry.name) << "\n";
  }
  for (const auto& left_out : options.left_out) PrintLeftOut(out, left_out);
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
