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
  /// Whether all processes of the host were seen. If not, others may run.
  bool complete = false;

  [[nodiscard]] const Process* Find(std::string_view name) const;
};

/// Whether `proc` shows the first PID namespace: its process 2 is kthreadd. False with hidepid=.
[[nodiscard]] bool ShowsHostProcesses(const KernelFiles& proc);

/// Whether two processes ("1", "self") share a network namespace; nothing if unknown.
[[nodiscard]] std::optional<bool> ShareNetworkNamespace(const KernelFiles& proc,
                                                        const std::string& one,
                                                        const std::string& other);

/// \brief  Finds processes with one of `names` in the network namespace of process 1. Those in
///         other namespaces configure their containers.
/// Source:  /proc/PID/comm and cmdline, readable for all.
/// Threads and cost: any thread; 3 system calls for each process.
[[nodiscard]] ProcessSearch FindProcesses(const KernelFiles& proc,
                                          std::span<const std::string_view> names);

}  // namespace conntrack::kernel
