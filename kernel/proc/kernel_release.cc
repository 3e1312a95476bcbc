#include "kernel/proc/kernel_release.h"

#include <string>

#include "kernel/proc/parse_number.h"

namespace conntrack::kernel {

Result<KernelRelease> ParseKernelRelease(std::string_view text) {
  const auto dot = text.find('.');
  const auto major = ParseNumber<unsigned>(text.substr(0, dot));
  const auto rest = dot == std::string_view::npos ? std::string_view{} : text.substr(dot + 1);
  const auto minor = ParseNumber<unsigned>(rest.substr(0, rest.find_first_not_of("0123456789")));
  if (!major || !minor) {
    return Fail(ErrorKind::kMalformed,
                "\"" + std::string(text.substr(0, 40)) + "\" is not a kernel release");
  }
  return KernelRelease{*major, *minor};
}

Result<KernelRelease> ReadKernelRelease(const KernelFiles& proc) {
  const auto text = proc.Read("sys/kernel/osrelease");
  if (!text) return Fail(text.error());
  return ParseKernelRelease(*text);
}

}  // namespace conntrack::kernel
