#include "exporter/confinement/confinement.h"

#include <sys/prctl.h>

#include "exporter/confinement/landlock_and_seccomp.h"

namespace conntrack::exporter::confinement {
namespace {

// The run-time of a sanitizer traces this process, runs a symbolizer, and writes to configured
// files.
#ifdef CONNTRACK_SANITIZED
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

tl::unexpected<Error> OffBecause(const std::string& reason, const std::string& remedy) {
  return Fail(ErrorKind::kHeldBack, reason, remedy);
}

tl::unexpected<Error> OffInThisBuild() {
  return OffBecause("this build has a sanitizer, which does not work confined",
                    "never run it in production");
}

Result<int> ConfineFiles(const Needs& needs) {
  if (const auto& collector = needs.looks_into_processes; !collector.empty()) {
    return OffBecause(
        "the " + collector + " collector inspects other processes, which Landlock does not allow",
        "--no-collector." + collector);
  }
  return RestrictFiles(needs);
}

}  // namespace

Confinement Confine(const Needs& needs) {
  Confinement done;
  done.given = ReadCapabilities().permitted;
  done.until_listening = (needs.until_listening & done.given) - needs.capabilities;
  done.no_new_privileges = ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
  done.capabilities = KeepOnly(needs.capabilities | needs.until_listening);
  done.kept = ReadCapabilities().effective - done.until_listening;
  if (kSanitized) {
    done.files = OffInThisBuild();
    done.system_calls = OffInThisBuild();
    return done;
  }
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  done.files = ConfineFiles(needs);
  auto left = needs;
  left.until_listening = done.until_listening;
  done.system_calls = FilterSystemCalls(left);
  return done;
}

Result<void> SealAfterStart(const Confinement& confinement) {
  return confinement.system_calls ? FilterStartCalls() : Result<void>();
}

Confinement NotConfined() {
  Confinement none;
  none.sandbox = false;
  none.given = ReadCapabilities().permitted;
  none.kept = ReadCapabilities().effective;
  none.no_new_privileges = ::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
  none.files = OffBecause("--no-sandbox", "");
  none.system_calls = OffBecause("--no-sandbox", "");
  return none;
}

}  // namespace conntrack::exporter::confinement
