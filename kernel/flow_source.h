// Sources of flows.
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

  /// Called when a walk begins, and when it restarts because the table changed. Discard all flows
  /// that were visited before.
  virtual void Begin() = 0;
  virtual void Visit(const Flow& flow) = 0;
};

/// Errors of all walks, complete or not, since the source was made.
struct WalkErrors {
  std::uint64_t interruptions = 0;  ///< Restarts because the table changed.
  std::uint64_t overruns = 0;       ///< Restarts because messages were lost.
  std::uint64_t skipped = 0;        ///< Messages that could not be decoded as a flow.
  /// Chains that changed during every read, and flows that were replaced while they were read.
  std::uint64_t torn = 0;
};

/// Flows by protocol and StateIndex(). Protocols that are not tracked are counted as IPPROTO_RAW.
using FlowsByState = std::map<std::uint8_t, std::array<std::uint32_t, kMaxStates>>;

/// Flows of one network namespace.
struct NamespaceFlows {
  std::uint32_t inode = 0;  ///< As in lsns(8) and /proc/PID/ns/net; 0: several namespaces.
  std::uint64_t flows = 0;
  FlowsByState by_state{};  ///< Filled with NamespaceDetail::kStates.

  friend bool operator==(const NamespaceFlows&, const NamespaceFlows&) = default;
};

/// What a walk of all namespaces counts for each of them.
enum class NamespaceDetail { kNone, kFlows, kStates };

/// \brief  Statistics of the hash table of the host, from a walk of its chains.
/// Units:   buckets, and tuples: two for each entry, one per direction. They cover all namespaces
///          unless stated otherwise.
struct HashTableStats {
  /// Upper bounds of the chain lengths that are counted. The kernel aims at one tuple per bucket,
  /// and never at more than eight.
  static constexpr std::array<std::uint32_t, 5> kLengths = {0, 1, 2, 4, 8};

  /// Buckets whose chain is at most kLengths[i] long, and longer than the previous bound.
  std::array<std::uint64_t, kLengths.size()> chains{};
  std::uint64_t longer_chains = 0;
  std::uint64_t tuples = 0;
  std::uint64_t longest = 0;  ///< Length of the longest chain.
  /// Expired entries of this network namespace that the kernel has not removed yet.
  /// nf_conntrack_count includes them, a dump does not.
  std::uint64_t expired = 0;
  /// Flows by namespace, including this one; empty if not requested. Inode 0 has the flows of the
  /// namespaces beyond those that a walk can count (a thousand per thread).
  std::vector<NamespaceFlows> namespaces;

  friend bool operator==(const HashTableStats&, const HashTableStats&) = default;
};

/// \brief  Delivers every flow of one network namespace, each once as far as the kernel allows.
///         Sources differ in how they read the kernel, not in the result.
/// Threads: one walk at a time; the caller uses a source from one thread only.
class FlowSource {
 public:
  virtual ~FlowSource() = default;

  /// Returns "ctnetlink" or "bpf", as `check` shows it: the source of the last walk.
  [[nodiscard]] virtual std::string_view name() const = 0;

  /// \brief  Walks the table once and passes every flow to `visitor`, until `stop` is requested.
  /// Errors:  kDenied, kAbsent, kHeldBack and others; the visited flows are incomplete then.
  [[nodiscard]] virtual Result<void> Walk(FlowVisitor& visitor, const std::stop_token& stop) = 0;

  [[nodiscard]] virtual WalkErrors errors() const = 0;

  /// Returns the hash table of the last walk; std::nullopt if the source does not see it.
  [[nodiscard]] virtual std::optional<HashTableStats> table() const { return std::nullopt; }

  /// Returns why the last walk used the fallback; std::nullopt if it did not.
  [[nodiscard]] virtual std::optional<Error> fallback_reason() const { return std::nullopt; }

  /// Returns the number of threads that the last walk used.
  [[nodiscard]] virtual unsigned threads() const { return 1; }
};

}  // namespace conntrack::kernel
