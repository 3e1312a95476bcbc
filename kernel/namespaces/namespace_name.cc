#include "kernel/namespaces/namespace_name.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "kernel/namespaces/cgroup_name.h"

namespace conntrack::kernel {
namespace {

std::string Printable(std::string_view text) {
  std::string name(text);
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return name;
}

/// What the first process that is still there tells of itself.
struct FirstProcess {
  std::optional<CgroupName> cgroup;
  std::string command = "unknown";
};

FirstProcess ReadFirstProcess(const NetworkNamespace& found, const KernelFiles& proc) {
  for (const auto process : found.processes) {
    const auto folder = std::to_string(process);
    const auto command = proc.Read(folder + "/comm");
    if (!command) continue;
    const auto cgroup = proc.Read(folder + "/cgroup");
    return {cgroup ? NameFromCgroup(*cgroup) : std::nullopt,
            command->substr(0, command->find('\n'))};
  }
  return {};
}

NamespaceKind KindOf(CgroupKind kind) {
  switch (kind) {
    case CgroupKind::kPod:
      return NamespaceKind::kPod;
    case CgroupKind::kContainer:
      return NamespaceKind::kContainer;
    case CgroupKind::kUnit:
      break;
  }
  return NamespaceKind::kUnit;
}

NamespaceName FindName(const NetworkNamespace& found, const KernelFiles& proc) {
  if (found.is_host()) return {NamespaceKind::kHost, "host"};
  const auto* bound = found.names.empty() ? nullptr : &found.names.front();
  if (bound != nullptr && !bound->generated) return {NamespaceKind::kNamed, bound->name};
  const auto first = ReadFirstProcess(found, proc);
  const auto& cgroup = first.cgroup;
  if (cgroup && cgroup->kind != CgroupKind::kUnit) return {KindOf(cgroup->kind), cgroup->name};
  if (bound != nullptr) return {NamespaceKind::kNamed, bound->name};
  if (cgroup) return {KindOf(cgroup->kind), cgroup->name};
  return {NamespaceKind::kProcess, first.command};
}

}  // namespace

std::string_view ToString(NamespaceKind kind) {
  switch (kind) {
    case NamespaceKind::kHost:
      return "host";
    case NamespaceKind::kNamed:
      return "named";
    case NamespaceKind::kContainer:
      return "container";
    case NamespaceKind::kPod:
      return "pod";
    case NamespaceKind::kUnit:
      return "unit";
    case NamespaceKind::kProcess:
      break;
  }
  return "process";
}

NamespaceName NameOf(const NetworkNamespace& found, const KernelFiles& proc) {
  auto name = FindName(found, proc);
  name.name = Printable(name.name);
  return name;
}

}  // namespace conntrack::kernel
