// Where flows come from.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string_view>

#include "kernel/bpf/hash_table.h"
#include "kernel/flow.h"
#include "kernel/result.h"

namespace conntrack::kernel {

/// Takes the flows of one walk of the table, one by one. Nothing about a flow outlives the call.
class FlowVisitor {
 public:
  FlowVisitor() = default;
  FlowVisitor(const FlowVisitor&) = default;
  FlowVisitor& operator=(const FlowVisitor&) = default;
  virtual ~FlowVisitor() = default;

  /// A walk begins, or begins again because the table moved under it: forget what was visited.
  virtual void Begin() = 0;
  virtual void Visit(const Flow& flow) = 0;
};

/// What happened in walks, whether they came to their end or not. Cumulative over the life of a
/// source.
struct WalkErrors {
  std::uint64_t interruptions = 0;  ///< Walks begun again because the table changed under them.
  std::uint64_t overruns = 0;       ///< Walks begun again because messages were lost.
  std::uint64_t skipped = 0;        ///< Messages that could not be read as a flow.
  /// Chains that moved each time they were read, and flows that were replaced while they were read.
  std::uint64_t torn = 0;
};

/// \brief  Delivers every flow of one network namespace, each once as far as the kernel can tell.
///
/// Sources differ in how they read the kernel, not in what they yield: a counter of flows does not
/// know which it has.
/// Threads: one walk at a time; the caller keeps a source to one thread.
class FlowSource {
 public:
  FlowSource() = default;
  FlowSource(const FlowSource&) = delete;
  FlowSource& operator=(const FlowSource&) = delete;
  virtual ~FlowSource() = default;

  /// "ctnetlink" or "bpf", as shown by `check`: that of the last walk where there are several.
  [[nodiscard]] virtual std::string_view name() const = 0;

  /// \brief  Walks the table once and hands every flow to `visitor`; gives up early where `stop`
  /// asks for it.
  /// Errors:  kDenied, kAbsent, kHeldBack and the like; then what the visitor has seen is worth
  ///          nothing.
  [[nodiscard]] virtual Result<void> Walk(FlowVisitor& visitor, const std::stop_token& stop) = 0;

  [[nodiscard]] virtual WalkErrors errors() const = 0;

  /// What the last walk found of the hash table; nothing from sources that do not see it.
  [[nodiscard]] virtual std::optional<HashTableStats> table() const { return std::nullopt; }

  /// Why the last walk was not made by the source that is preferred; nothing where it was.
  [[nodiscard]] virtual std::optional<Error> fallback_reason() const { return std::nullopt; }

  /// How many CPUs the last walk kept busy.
  [[nodiscard]] virtual unsigned threads() const { return 1; }
};

}  // namespace conntrack::kernel
