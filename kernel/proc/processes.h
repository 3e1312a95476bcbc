// Programs that run on the host, by name.
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
  std::string name;                    ///< From /proc/PID/comm: at most 15 characters.
  std::vector<std::string> arguments;  ///< The program first; empty if they cannot be read.
};

struct ProcessSearch {
  std::vector<Process> found;
  /// All processes of the host were visible. Otherwise more may run.
  bool complete = false;

  [[nodiscard]] const Process* Find(std::string_view name) const;
};

/// Returns whether `proc` shows the initial PID namespace: its process 2 is kthreadd. False with
/// hidepid=.
[[nodiscard]] bool ShowsHostProcesses(const KernelFiles& proc);

/// Returns whether two processes ("1", "self") share a network namespace; std::nullopt if unknown.
[[nodiscard]] std::optional<bool> ShareNetworkNamespace(const KernelFiles& proc,
                                                        const std::string& one,
                                                        const std::string& other);

/// \brief  Finds processes with one of `names` in the network namespace of process 1. Processes in
///         other namespaces only configure their containers.
/// Source:  /proc/PID/comm and cmdline, readable by all users.
/// Threads and cost: any thread; 3 system calls per process.
[[nodiscard]] ProcessSearch FindProcesses(const KernelFiles& proc,
                                          std::span<const std::string_view> names);

}  // namespace conntrack::kernel
