// Where flows come from.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <stop_token>
#include <string_view>
#include <vector>

#include "kernel/flow.h"
#include "kernel/result.h"

namespace conntrack::kernel {

/// Receives the flows of one walk of the table.
class FlowVisitor {
 public:
  virtual ~FlowVisitor() = default;

  /// A walk begins, or restarts because the table changed: forget what was visited.
  virtual void Begin() = 0;
  virtual void Visit(const Flow& flow) = 0;
};

/// What went wrong in walks, complete or not. Cumulative over the life of a source.
struct WalkErrors {
  std::uint64_t interruptions = 0;  ///< Restarts because the table changed.
  std::uint64_t overruns = 0;       ///< Restarts because messages were lost.
  std::uint64_t skipped = 0;        ///< Messages that could not be read as a flow.
  /// Chains that moved on every read, and flows that were replaced while they were read.
  std::uint64_t torn = 0;
};

/// Flows by protocol and StateIndex(). Protocols that are not tracked are IPPROTO_RAW.
using FlowsByState = std::map<std::uint8_t, std::array<std::uint32_t, kMaxStates>>;

/// Flows of one network namespace.
struct NamespaceFlows {
  std::uint32_t inode = 0;  ///< As lsns(8) and /proc/PID/ns/net show it; 0: of several namespaces.
  std::uint64_t flows = 0;
  FlowsByState by_state{};  ///< With NamespaceDetail::kStates.

  friend bool operator==(const NamespaceFlows&, const NamespaceFlows&) = default;
};

/// What a walk of all namespaces counts in each.
enum class NamespaceDetail { kNone, kFlows, kStates };

/// \brief  Statistics of the hash table of the whole host, from a walk of its chains.
/// Units:  buckets, and tuples: two for each entry, one for each direction. Of all namespaces
///         unless stated otherwise.
struct HashTableStats {
  /// Upper bounds of the chain lengths that are counted. The kernel aims at one tuple a bucket, and
  /// never at more than eight.
  static constexpr std::array<std::uint32_t, 5> kLengths = {0, 1, 2, 4, 8};

  /// Buckets with a chain of at most kLengths[i], and more than the bound before.
  std::array<std::uint64_t, kLengths.size()> chains{};
  std::uint64_t longer_chains = 0;
  std::uint64_t tuples = 0;
  std::uint64_t longest = 0;  ///< Length of the longest chain.
  /// Expired entries of the own namespace that the kernel has not removed yet: counted by
  /// nf_conntrack_count, but not dumped.
  std::uint64_t expired = 0;
  /// By namespace, with the own one; empty if not requested. Inode 0 has the flows of namespaces
  /// beyond those that a walk can count (a thousand a thread).
  std::vector<NamespaceFlows> namespaces;

  friend bool operator==(const HashTableStats&, const HashTableStats&) = default;
};

/// \brief  Delivers every flow of one network namespace, each once as far as the kernel can tell.
///         Sources differ in how they read the kernel, not in what they yield.
/// Threads: one walk at a time; the caller keeps a source to one thread.
class FlowSource {
 public:
  virtual ~FlowSource() = default;

  /// "ctnetlink" or "bpf", as `check` shows it: that of the last walk.
  [[nodiscard]] virtual std::string_view name() const = 0;

  /// \brief  Walks the table once and hands every flow to `visitor`, until `stop` is requested.
  /// Errors:  kDenied, kAbsent, kHeldBack and so on; then the visited flows are incomplete.
  [[nodiscard]] virtual Result<void> Walk(FlowVisitor& visitor, const std::stop_token& stop) = 0;

  [[nodiscard]] virtual WalkErrors errors() const = 0;

  /// The hash table in the last walk; nothing from sources that do not see it.
  [[nodiscard]] virtual std::optional<HashTableStats> table() const { return std::nullopt; }

  /// Why the last walk fell back from the preferred source; nothing if it did not.
  [[nodiscard]] virtual std::optional<Error> fallback_reason() const { return std::nullopt; }

  /// How many threads the last walk used.
  [[nodiscard]] virtual unsigned threads() const { return 1; }
};

}  // namespace conntrack::kernel
