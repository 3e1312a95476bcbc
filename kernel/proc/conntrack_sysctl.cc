#include "kernel/proc/conntrack_sysctl.h"

namespace conntrack::kernel {

Result<std::int64_t> ReadSysctl(const KernelFiles& proc, std::string_view name) {
  std::string path(kSysctlFolder);
  path += '/';
  path += name;
  auto value = proc.ReadNumber(path);
  if (!value && value.error().kind == ErrorKind::kAbsent && name == "nf_conntrack_count") {
    value.error().remedy = kLoadConntrackRemedy;
  }
  return value;
}

}  // namespace conntrack::kernel
