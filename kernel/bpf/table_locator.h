// Where the kernel's hash table of flows is.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>

#include "kernel/bpf/flow_walk_programs.h"
#include "kernel/netlink/netlink_socket.h"
#include "kernel/proc/kernel_files.h"
#include "kernel/result.h"

namespace conntrack::kernel {

/// A table as it is between two resizes.
struct LocatedTable {
  TableVariables variables;   ///< That lead there; none if flows do.
  std::uint64_t address = 0;  ///< Of the first bucket.
  std::uint32_t buckets = 0;
  std::uint32_t generation = 0;  ///< 0 if the kernel does not show it.

  friend bool operator==(const LocatedTable&, const LocatedTable&) = default;
};

/// nf_conntrack_buckets.
[[nodiscard]] Result<std::uint32_t> ReadBuckets(const KernelFiles& proc);

/// The error after a resize was noticed. For a reader without locks a resize is not atomic:
/// - a lookup and nf_conntrack_buckets may belong to different tables;
/// - chains of the old table lead into the new one, or are empty already;
/// - the old table is freed, and its memory used for something else.
[[nodiscard]] tl::unexpected<Error> TableMoved();

/// \brief  Finds the table by the kernel's variables, or by a flow that it looks up, and verifies
///         it: chains have to end as those of that table do.
/// Threads and cost: one thread, with batch 0 of the programs; some 20 us if the flow that was
///          looked up the last time is still there, otherwise a dump until its first message.
class TableLocator {
 public:
  TableLocator(std::shared_ptr<FlowWalkPrograms> programs, NetlinkSocketFactory netlink,
               KernelFiles proc, std::chrono::nanoseconds max_hold);

  /// \brief  The present table, after the end of a resize; nothing if the namespace is empty and
  ///         the table was not known before.
  /// Errors:  kInterrupted if another resize came, or what was found is no table of flows; kAbsent
  ///          if there is no table, or nothing to find it by; kDenied if the kernel hides it; those
  ///          of the dump that finds a flow.
  [[nodiscard]] Result<std::optional<LocatedTable>> Locate(const std::stop_token& stop);

  /// The table was a wrong one: do not fall back on it when there is no flow to look up.
  void Forget() {
    last_.reset();
    programs_->ForgetVariables();
  }

 private:
  /// If the kernel shows its variables.
  [[nodiscard]] Result<std::optional<FlowLocation>> AwaitResize(const TableVariables& variables,
                                                                const std::stop_token& stop);
  /// Otherwise, looks flows up.
  [[nodiscard]] Result<std::optional<FlowLocation>> Search(const std::stop_token& stop);
  [[nodiscard]] Result<LocatedTable> Verify(const TableVariables& variables,
                                            const FlowLocation& found, std::uint32_t buckets);

  const std::shared_ptr<FlowWalkPrograms> programs_;
  const NetlinkSocketFactory netlink_;
  const KernelFiles proc_;
  const std::chrono::nanoseconds max_hold_;
  std::optional<Flow> known_;         // by which it was found
  std::optional<LocatedTable> last_;  // verified
};

}  // namespace conntrack::kernel
