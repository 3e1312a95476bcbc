// The text files of /proc and /sys.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "collectors/kernel/cpu_list.h"
#include "collectors/kernel/kernel_release.h"
#include "collectors/kernel/proc_stat.h"
#include "collectors/kernel/slabinfo.h"

using namespace conntrack::
    kernel;  // NOLINT(google-build-using-namespace): a fuzz target is one function

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)ParseProcStat(text, {0, 1});
  if (const auto stat = ParseProcStat(text, {}); stat && stat->cpus.empty()) __builtin_trap();
  (void)ParseSlabinfo(text, 4096);
  (void)ParseMemTotal(text);
  (void)ParseKernelRelease(text);
  if (size < 64) (void)ParseCpuList(text);
  return 0;
}
