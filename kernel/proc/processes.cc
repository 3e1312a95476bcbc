#include "kernel/proc/processes.h"

#include <algorithm>

#include "kernel/text.h"

namespace conntrack::kernel {
namespace {

std::vector<std::string> ArgumentsOf(const KernelFiles& proc, const std::string& folder) {
  std::vector<std::string> arguments;
  const auto text = proc.Read(folder + "cmdline");
  if (!text) return arguments;
  for (std::string_view rest = *text; !rest.empty();) {
    arguments.emplace_back(TakeUntil(rest, '\0'));
  }
  return arguments;
}

}  // namespace

const Process* ProcessSearch::Find(std::string_view name) const {
  const auto process = std::ranges::find(found, name, &Process::name);
  return process == found.end() ? nullptr : &*process;
}

bool ShowsHostProcesses(const KernelFiles& proc) {
  const auto name = proc.Read("2/comm");
  return name && *name == "kthreadd\n";
}

std::optional<bool> ShareNetworkNamespace(const KernelFiles& proc, const std::string& one,
                                          const std::string& other) {
  const auto first = proc.ReadLink(one + "/ns/net");
  const auto second = proc.ReadLink(other + "/ns/net");
  if (first && second) return *first == *second;
  // All users may read the inodes in /proc/PID/net. They differ by namespace.
  const auto of_first = proc.Inode(one + "/net/dev");
  const auto of_second = proc.Inode(other + "/net/dev");
  if (!of_first || !of_second) return std::nullopt;
  return *of_first == *of_second;
}

ProcessSearch FindProcesses(const KernelFiles& proc, std::span<const std::string_view> names) {
  ProcessSearch search;
  const auto entries = proc.List("");
  if (!entries) return search;
  for (const auto& entry : *entries) {
    const auto id = ParseNumber<std::uint32_t>(entry);
    if (!id) continue;
    const auto comm = proc.Read(entry + "/comm");
    if (!comm) continue;  // it has ended
    const auto name = Strip(*comm);
    if (std::ranges::find(names, name) == names.end()) continue;
    if (!ShareNetworkNamespace(proc, "1", entry).value_or(true)) continue;
    search.found.push_back({*id, std::string(name), ArgumentsOf(proc, entry + "/")});
  }
  search.complete = ShowsHostProcesses(proc);
  return search;
}

}  // namespace conntrack::kernel
