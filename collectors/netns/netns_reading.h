// One look at all network namespaces.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "collectors/collector.h"
#include "collectors/kernel_access.h"
#include "kernel/namespaces/namespace_counts.h"
#include "kernel/namespaces/namespace_entry.h"
#include "kernel/namespaces/namespace_name.h"
#include "kernel/namespaces/namespaces.h"

namespace conntrack {

/// A namespace as it was found and read.
struct NetnsReading {
  std::string name;  ///< Unique.
  kernel::NamespaceKind kind = kernel::NamespaceKind::kProcess;
  std::optional<std::uint64_t> inode;  ///< Where this process may know it.
  std::uint64_t key = 0;               ///< Tells the living namespaces apart.
  kernel::NamespaceCounts counts;
};

struct NetnsReadings {
  std::vector<NetnsReading> readings;  ///< The host's first, then the fullest first.
  std::string source;                  ///< "procfs", or "ctnetlink" where the kernel has no files.
  std::size_t unreadable = 0;
  std::optional<Error> first_error;  ///< Of those that are unreadable.
  std::vector<Omission> omissions;
};

/// Names what cannot be read, in one message: there may be hundreds.
class UnreadableNamespaces {
 public:
  void Add(const std::string& name, const Error& error);

  [[nodiscard]] std::size_t count() const { return count_; }
  /// The first one, with the number of namespaces and some of their names; nothing if there is none.
  [[nodiscard]] std::optional<Error> error() const;

 private:
  std::size_t count_ = 0;
  std::string names_;
  Error first_;
};

/// A namespace with the number that tells it from those of the same name.
struct NamedNamespace {
  kernel::NamespaceName name;
  std::uint64_t inode = 0;
};

/// The label value of the namespaces that have no series of their own.
inline constexpr const char* kOtherNamespaces = "other";

/// \brief  A name for each namespace that no two have, in the same order.
/// Namespaces that share a name, have a reserved one, or one that ends like "nginx@4026532315", get
/// their inode behind it. The order does not matter.
[[nodiscard]] std::vector<std::string> UniqueNames(const std::vector<NamedNamespace>& namespaces);

/// Names what a look at all namespaces did not see.
void AddOmissions(const kernel::Discovery& discovery, std::vector<Omission>& omissions);

/// Finds the namespaces, reads them and names them.
/// Errors:  of DiscoverNamespaces().
[[nodiscard]] Result<NetnsReadings> ReadNamespaces(const KernelAccess& access,
                                                   const kernel::NamespaceEntry& entry,
                                                   const std::function<bool()>& keep_going);

}  // namespace conntrack
