#include "collectors/stat_reader.h"

#include <algorithm>
#include <utility>

#include "kernel/netlink/ctnetlink_stat.h"
#include "kernel/proc/conntrack_stat.h"

namespace conntrack {
namespace {

void DropAbsentCpus(const Result<kernel::CpuTopology>& topology, kernel::ConntrackStat& stat) {
  if (!topology) return;  // better a row of zeros too many than none at all
  const auto& present = topology->present;
  std::erase_if(stat.cpus, [&present](const kernel::CpuStat& cpu) {
    return !std::binary_search(present.begin(), present.end(), cpu.cpu);
  });
}

}  // namespace

Result<kernel::ConntrackStat> ReadProcStat(const KernelAccess& access,
                                           const std::vector<std::uint32_t>& possible) {
  const auto text = access.proc.Read(kernel::kProcStatPath);
  if (!text) {
    auto error = text.error();
    if (error.kind == ErrorKind::kAbsent) {
      error.remedy =
          "the kernel is built without CONFIG_NF_CONNTRACK_PROCFS: give CAP_NET_ADMIN, to read it "
          "over ctnetlink";
    }
    return Fail(std::move(error));
  }
  return kernel::ParseProcStat(*text, possible);
}

Result<SourcedStat> ReadStat(const KernelAccess& access,
                             const Result<kernel::CpuTopology>& topology) {
  SourcedStat sourced;
  auto stat = kernel::ReadStatPerCpu(access.netlink);
  if (stat) {
    sourced = {*std::move(stat), "ctnetlink"};
  } else {
    auto from_file =
        ReadProcStat(access, topology ? topology->possible : std::vector<std::uint32_t>{});
    if (!from_file) {
      auto error = stat.error();
      error.message += "; and " + from_file.error().message;
      return Fail(std::move(error));
    }
    sourced = {*std::move(from_file), "procfs"};
  }
  DropAbsentCpus(topology, sourced.stat);
  return sourced;
}

}  // namespace conntrack
