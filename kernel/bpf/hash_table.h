// The hash table of the whole host, as a walk of its chains finds it.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace conntrack::kernel {

/// Flows of one network namespace.
struct NamespaceFlows {
  std::uint32_t inode = 0;  ///< As lsns(8) and /proc/PID/ns/net show it.
  std::uint64_t flows = 0;

  friend bool operator==(const NamespaceFlows&, const NamespaceFlows&) = default;
};

/// \brief  How long the chains are, and what is in them beside the flows that are delivered.
///
/// Units:   buckets, and tuples: two for each entry, one for each direction, each in a chain of its
///          own. Of all namespaces of the host, unless said otherwise.
struct HashTableStats {
  /// Upper bounds of the lengths that are told apart. The kernel wants one tuple a bucket, and never
  /// more than eight in one.
  static constexpr std::array<std::uint32_t, 5> kLengths = {0, 1, 2, 4, 8};

  /// Buckets whose chain is at most kLengths[i] long, but longer than the bound before.
  std::array<std::uint64_t, kLengths.size()> chains{};
  std::uint64_t longer_chains = 0;
  std::uint64_t tuples = 0;
  std::uint64_t longest = 0;  ///< Length of the longest chain.
  /// Entries of the own namespace whose time is over, and that the kernel has not removed yet: no
  /// dump shows them, and nf_conntrack_count counts them.
  std::uint64_t expired = 0;
  /// By namespace, the own one too; empty where nobody asked.
  std::vector<NamespaceFlows> namespaces;
  /// Flows of namespaces beyond those that a walk tells apart (a thousand a thread).
  std::uint64_t elsewhere = 0;

  friend bool operator==(const HashTableStats&, const HashTableStats&) = default;
};

}  // namespace conntrack::kernel
