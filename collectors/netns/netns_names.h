// Names of network namespaces that can be label values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kernel/namespaces/namespace_name.h"

namespace conntrack {

/// A namespace with the number that tells it from those of the same name.
struct NamedNamespace {
  kernel::NamespaceName name;
  std::uint64_t inode = 0;
};

/// The label value of the namespaces that have no series of their own.
inline constexpr const char* kOtherNamespaces = "other";

/// \brief  A name for each namespace that no two have, in the same order.
///
/// Where several namespaces have one name, each of them gets its inode behind it:
/// "nginx@4026532315". So does one that is called like our own words, or ends like a name with an
/// inode: commands choose their names themselves. Which name a namespace gets does not depend on
/// the order.
[[nodiscard]] std::vector<std::string> UniqueNames(const std::vector<NamedNamespace>& namespaces);

}  // namespace conntrack
