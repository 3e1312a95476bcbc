#include "collectors/netns/netns_names.h"

#include <cstddef>
#include <map>
#include <string_view>

namespace conntrack {
namespace {

bool EndsInInode(std::string_view name) {
  const auto at = name.rfind('@');
  return at != std::string_view::npos && at + 1 < name.size() &&
         name.find_first_not_of("0123456789", at + 1) == std::string_view::npos;
}

bool IsReserved(const kernel::NamespaceName& name) {
  return name.name == kOtherNamespaces ||
         (name.name == "host" && name.kind != kernel::NamespaceKind::kHost) ||
         EndsInInode(name.name);
}

}  // namespace

std::vector<std::string> UniqueNames(const std::vector<NamedNamespace>& namespaces) {
  std::map<std::string_view, std::size_t> bearers;
  for (const auto& entry : namespaces) {
    if (!IsReserved(entry.name)) ++bearers[entry.name.name];
  }
  std::vector<std::string> names;
  names.reserve(namespaces.size());
  for (const auto& entry : namespaces) {
    const bool taken = IsReserved(entry.name) || bearers[entry.name.name] > 1;
    names.push_back(taken ? entry.name.name + "@" + std::to_string(entry.inode) : entry.name.name);
  }
  return names;
}

}  // namespace conntrack
