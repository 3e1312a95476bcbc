// Replaces flow_walk_programs.cc in builds without BPF.
#include "kernel/bpf/flow_walk_programs.h"

namespace conntrack::kernel {

Result<std::shared_ptr<FlowWalkPrograms>> LoadFlowWalkPrograms(const KernelFiles&,
                                                               const KernelFiles&, unsigned,
                                                               WalkReading) {
  return Fail(ErrorKind::kAbsent, "this build has no BPF",
              "build it with clang, bpftool and libbpf (CONNTRACK_BPF)");
}

}  // namespace conntrack::kernel
