// A reading of all network namespaces.
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

/// A namespace with its counts.
struct NetnsReading {
  std::string name;  ///< Unique.
  kernel::NamespaceKind kind = kernel::NamespaceKind::kProcess;
  std::optional<std::uint64_t> inode;  ///< If this process may read it.
  std::uint64_t key = 0;               ///< Unique among existing namespaces.
  kernel::NamespaceCounts counts;
};

struct NetnsReadings {
  std::vector<NetnsReading> readings;  ///< The host first, then the fullest.
  std::string source;                  ///< "procfs", or "ctnetlink" if the kernel has no files.
  std::size_t unreadable = 0;
  std::optional<Error> first_error;  ///< The first error of an unreadable namespace.
  std::vector<Omission> omissions;
};

/// Collects the namespaces that cannot be read into one message: there may be hundreds.
class UnreadableNamespaces {
 public:
  void Add(const std::string& name, const Error& error);

  [[nodiscard]] std::size_t count() const { return count_; }
  /// Returns the first error, with the number of namespaces and some of their names; std::nullopt
  /// if there is none.
  [[nodiscard]] std::optional<Error> error() const;

 private:
  std::size_t count_ = 0;
  std::string names_;
  Error first_;
};

/// A namespace with the inode that distinguishes it from others of the same name.
struct NamedNamespace {
  kernel::NamespaceName name;
  std::uint64_t inode = 0;
};

/// Label value of the namespaces without series of their own.
inline constexpr const char* kOtherNamespaces = "other";

/// \brief  Returns a unique name for each namespace, in the same order. The inode is appended to
///         names that several namespaces share, that are reserved, or that end like
///         "nginx@4026532315". The result does not depend on the order.
[[nodiscard]] std::vector<std::string> UniqueNames(const std::vector<NamedNamespace>& namespaces);

/// Adds omissions for what a reading of all namespaces did not see.
void AddOmissions(const kernel::Discovery& discovery, std::vector<Omission>& omissions);

/// Finds the namespaces, reads them and names them.
/// Errors:  those of DiscoverNamespaces().
[[nodiscard]] Result<NetnsReadings> ReadNamespaces(const KernelAccess& access,
                                                   const kernel::NamespaceEntry& entry,
                                                   const std::function<bool()>& keep_going);

}  // namespace conntrack
