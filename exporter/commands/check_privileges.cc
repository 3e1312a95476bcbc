#include "exporter/commands/check_privileges.h"

#include <sys/prctl.h>
#include <unistd.h>

#include <iomanip>

#include "exporter/confinement/capabilities.h"

namespace conntrack::exporter {
namespace {

constexpr int kSubjectWidth = 18;

std::ostream& Begin(std::ostream& out, std::string_view subject) {
  return out << std::left << std::setw(kSubjectWidth) << subject;
}

template <class T>
void PrintMeasure(std::ostream& out, std::string_view subject, const Result<T>& outcome,
                  const std::string& done) {
  Begin(out, subject) << (outcome ? done : "no: " + outcome.error().message) << "\n";
  if (!outcome && !outcome.error().remedy.empty()) {
    Begin(out, "") << "remedy: " << outcome.error().remedy << "\n";
  }
}

/// "mode 2" is SECCOMP_MODE_FILTER, whosever filter it is.
std::string SeccompMode() {
  return "seccomp mode " + std::to_string(::prctl(PR_GET_SECCOMP, 0, 0, 0, 0));
}

}  // namespace

void PrintPrivileges(const Options& options, const std::vector<CollectorUse>& uses,
                     std::ostream& out) {
  const auto& confinement = options.confinement;
  const auto held = confinement::ReadCapabilities();
  Begin(out, "user") << "uid " << ::geteuid() << ", gid " << ::getegid() << "\n";
  Begin(out, "capabilities") << "effective " << ToString(held.effective) << ", permitted "
                             << ToString(held.permitted) << "; given at the start "
                             << ToString(confinement.given) << "\n";
  if (!confinement.capabilities) {
    PrintMeasure(out, "", confinement.capabilities, "");
  }
  Begin(out, "no_new_privs") << (::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? "yes" : "no")
                             << "\n";
  const auto& calls = confinement.system_calls;
  PrintMeasure(out, "system calls", calls, "filtered, " + SeccompMode());
  const auto& files = confinement.files;
  PrintMeasure(out, "files", files,
               files ? "confined, Landlock version " + std::to_string(*files) : "");
  for (const auto& [collector, use] : uses) {
    const bool there = held.effective.Has(use.capability);
    Begin(out, confinement::NameOf(static_cast<int>(use.capability)))
        << (there          ? "held"
            : use.required ? "MISSING"
                           : "not held")
        << ", " << (use.required ? "needed by " : "used by ") << collector << ": " << use.purpose
        << "\n";
  }
}

}  // namespace conntrack::exporter
