// Programs that run on the host, by their names.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernel/proc/kernel_files.h"

namespace conntrack::kernel {

struct Process {
  std::uint32_t id = 0;
  std::string name;                    ///< Of /proc/PID/comm: at most 15 characters.
  std::vector<std::string> arguments;  ///< The program first; empty if they cannot be read.
};

struct ProcessSearch {
  std::vector<Process> found;
  /// Whether all processes of the host were seen. If not, one that was not found may run.
  bool complete = false;

  [[nodiscard]] const Process* Find(std::string_view name) const;
};

/// Whether the processes below `proc` are those of the first PID namespace, of which process 2 is
/// kthreadd. Not if hidepid= hides them.
[[nodiscard]] bool ShowsHostProcesses(const KernelFiles& proc);

/// Whether processes ("1", "self") are in one network namespace; nothing if unknown.
[[nodiscard]] std::optional<bool> ShareNetworkNamespace(const KernelFiles& proc,
                                                        const std::string& one,
                                                        const std::string& other);

/// \brief  Finds processes with one of `names` that are in the network namespace of process 1.
///         Others run inside containers, and configure those.
/// Source:  /proc/PID/comm and cmdline, readable for all.
/// Threads and cost: any thread; 3 system calls for each process, of at most 32,768.
[[nodiscard]] ProcessSearch FindProcesses(const KernelFiles& proc,
                                          std::span<const std::string_view> names);

}  // namespace conntrack::kernel
