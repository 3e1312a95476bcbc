#include "exporter/commands/commands.h"

#include <sys/prctl.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <map>

#include "diagnosis/standing.h"
#include "exporter/commands/terminal.h"
#include "exporter/confinement/capabilities.h"
#include "exporter/process/leave.h"
#include "exporter/process/printable_text.h"
#include "exporter/version.h"
#include "exporter/web/server/features.h"

namespace conntrack::exporter {
namespace {

// A first walk of a table with millions of flows takes this long.
constexpr std::chrono::seconds kPatience{30};
constexpr std::size_t kStateWidth = 13;
constexpr std::size_t kLeastNameWidth = 13;
constexpr std::size_t kSubjectWidth = 20;

/// Prints the lines about collectors, in columns.
class CollectorLines {
 public:
  CollectorLines(std::ostream& out, std::size_t name_width) : out_(out), name_width_(name_width) {}

  void Add(const CollectorRun& run) {
    const auto& [name, took, outcome, age] = run;
    if (outcome.not_loaded()) {
      Begin(ToString(outcome.error().kind), name) << "nothing to read\n";
      return;
    }
    if (!outcome) {
      Begin(ToString(outcome.error().kind), name);
      End(outcome.error());
      for (const auto* entry : EntriesOf({name}))
        Begin("", "") << "needs: " << entry->needs << "\n";
      return;
    }
    const auto count = outcome->families.size();
    Begin(outcome->omissions.empty() ? "ok" : "partly", name)
        << count << (count == 1 ? " family" : " families") << " from " << outcome->source << "\n";
    if (outcome->why_this_source) {
      Begin("", "") << "not from bpf: ";
      End(*outcome->why_this_source);
    }
    for (const auto& omission : outcome->omissions) {
      Begin("", "") << "without " << PrintableText(omission.part) << ": ";
      End(omission.reason);
    }
  }

  void Add(const LeftOut& left_out) {
    Begin("off", left_out.name);
    End(left_out.reason);
  }

 private:
  std::ostream& Begin(std::string_view state, std::string_view name) {
    return out_ << PadRight(state, kStateWidth) << PadRight(name, name_width_);
  }

  void End(const Error& error) {
    out_ << PrintableText(error.message) << "\n";
    if (error.remedy.empty()) return;
    Begin("", "") << "remedy: " << PrintableText(error.remedy) << "\n";
  }

  std::ostream& out_;
  const std::size_t name_width_;
};

void PrintPrivilege(std::ostream& out, std::string_view subject, const std::string& state) {
  out << PadRight(subject, kSubjectWidth) << PrintableText(state) << "\n";
}

/// Prints `done` if the measure is in effect, otherwise the reason.
template <class T>
void PrintMeasure(std::ostream& out, std::string_view subject, const Result<T>& outcome,
                  const std::string& done) {
  PrintPrivilege(out, subject, outcome ? done : "no: " + outcome.error().message);
  if (!outcome && !outcome.error().remedy.empty()) {
    PrintPrivilege(out, "", "remedy: " + outcome.error().remedy);
  }
}

/// "mode 2" is SECCOMP_MODE_FILTER, also if the filter was installed by another program.
std::string SeccompMode() {
  return "seccomp mode " + std::to_string(::prctl(PR_GET_SECCOMP, 0, 0, 0, 0));
}

void PrintPrivileges(std::ostream& out, const confinement::Confinement& confinement,
                     const confinement::HeldCapabilities& held,
                     const std::vector<CollectorUse>& uses) {
  PrintPrivilege(out, "user",
                 "uid " + std::to_string(::geteuid()) + ", gid " + std::to_string(::getegid()));
  PrintPrivilege(out, "capabilities",
                 "effective " + ToString(held.effective) + ", permitted " +
                     ToString(held.permitted) + "; given at the start " +
                     ToString(confinement.given));
  if (!confinement.capabilities) PrintMeasure(out, "", confinement.capabilities, "");
  const bool no_new_privileges = ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
  PrintPrivilege(out, "no_new_privs", no_new_privileges ? "yes" : "no");
  PrintMeasure(out, "system calls", confinement.system_calls, "filtered, " + SeccompMode());
  const auto& files = confinement.files;
  PrintMeasure(out, "files", files,
               files ? "confined, Landlock version " + std::to_string(*files) : "");
  for (const auto& [collector, use] : uses) {
    std::string state = "held";
    if (!held.effective.Has(use.capability)) state = use.required ? "MISSING" : "not held";
    state += use.required ? ", needed by " : ", used by ";
    state.append(collector).append(": ").append(use.purpose);
    PrintPrivilege(out, confinement::NameOf(static_cast<int>(use.capability)), state);
  }
}

}  // namespace

int Check(const Options& options, std::vector<NamedCollector> collectors,
          std::vector<CollectorUse> uses, const kernel::Place& place, std::ostream& out) {
  utsname kernel{};
  ::uname(&kernel);
  out << "conntrack_exporter " << kVersion << " on " << kernel.sysname << " " << kernel.release
      << " " << kernel.machine << ", uid " << ::geteuid() << ", " << options.procfs << " and "
      << options.sysfs << "\nserves with " << web::Features()
      << "\nplace: " << PrintableText(DescribePlace(place)) << "\n";
  if (const auto elsewhere = WhyNotTheHost(place)) {
    out << "network namespace: " << elsewhere->message << "\nremedy: " << elsewhere->remedy << "\n";
  }
  out << "\n";
  std::size_t name_width = kLeastNameWidth;
  for (const auto& entry : collectors) name_width = std::max(name_width, entry.name.size() + 1);
  CollectorLines lines(out, name_width);
  bool all = true;
  std::string partly;  // names
  const auto held = confinement::ReadCapabilities();
  std::map<std::string, std::string> not_loaded;  // module and remedy
  ReadingScheduler scheduler(std::move(collectors), ReadingScheduler::Log::kNothing);
  for (const auto& run :
       scheduler.Read(scheduler.names(), std::chrono::steady_clock::now() + kPatience)) {
    lines.Add(run);
    if (run.outcome.not_loaded()) {
      not_loaded.emplace(run.outcome.error().message, run.outcome.error().remedy);
    } else if (!run.outcome) {
      all = false;
      continue;
    }
    if (run.outcome && !run.outcome->omissions.empty()) {
      partly.append(partly.empty() ? "" : ", ").append(run.name);
    }
    std::erase_if(uses, [&](const CollectorUse& entry) {
      const auto& [collector, use] = entry;
      if (collector != run.name) return false;
      // With nothing to read it needs no capability. A collector that reads without one (by BPF)
      // does not miss it.
      return run.outcome.not_loaded() || (use.required && !held.effective.Has(use.capability));
    });
  }
  for (const auto& left_out : options.left_out) lines.Add(left_out);
  for (const auto& what : options.without_effect) out << "no effect: " << what << "\n";
  out << "\n";
  for (const auto& [what, remedy] : not_loaded) out << what << "\nremedy: " << remedy << "\n\n";
  PrintPrivileges(out, options.confinement, held, uses);
  out << "\n";
  if (!all) {
    out << "Metrics of failed collectors are missing; their conntrack_scrape_collector_success is "
           "0.\n";
  }
  if (!partly.empty()) {
    out << "Only partly read: " << partly << "; their lines say what is missing, and why.\n";
  } else if (all) {
    out << "Every collector that is on can read what "
        << (not_loaded.empty() ? "it needs" : "is loaded") << ".\n";
  }
  out << std::flush;
  const int code = all ? 0 : 1;
  LeaveSoon(code);  // a collector may hang
  return code;
}

}  // namespace conntrack::exporter
