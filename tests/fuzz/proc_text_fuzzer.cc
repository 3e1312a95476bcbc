// The text files of /proc and /sys.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "kernel/ethtool.h"
#include "kernel/namespaces/namespace_name.h"
#include "kernel/namespaces/namespaces.h"
#include "kernel/proc/conntrack_stat.h"
#include "kernel/proc/flowtable_stat.h"
#include "kernel/proc/machine.h"
#include "kernel/proc/slabinfo.h"
#include "kernel/proc/sysctl.h"
#include "kernel/text.h"

using namespace conntrack::
    kernel;  // NOLINT(google-build-using-namespace): a fuzz target is one function

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)ParseProcStat(text, {0, 1});
  if (const auto stat = ParseProcStat(text, {}); stat && stat->cpus.empty()) __builtin_trap();
  (void)ParseSlabinfo(text, 4096);
  (void)ParseFlowtableStat(text);
  (void)ParseNetDev(text);
  (void)ParseDriverStatistics(text, std::array<std::uint64_t, 3>{1, 2, 3});
  (void)ParseMemTotal(text);
  (void)ParseKernelRelease(text);
  if (const auto name = NameFromCgroup(text);
      name && (name->name.empty() || name->name.size() > size))
    __builtin_trap();
  (void)ParseNamespaceLink(text);
  (void)ParseLocalPortRange(text);
  // The values of sysctls. A number that was read reads the same when it is written out.
  if (const auto value = ParseNumber<std::int64_t>(text);
      value && ParseNumber<std::int64_t>(std::to_string(*value)) != value) {
    __builtin_trap();
  }
  if (size < 64) (void)ParseCpuList(text);
  return 0;
}
