// Location of the kernel's hash table of flows.
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

/// A table between two resizes.
struct LocatedTable {
  TableVariables variables;   ///< The variables that led to it; empty if a flow did.
  std::uint64_t address = 0;  ///< Address of the first bucket.
  std::uint32_t buckets = 0;
  std::uint32_t generation = 0;  ///< 0 if the kernel does not show it.

  friend bool operator==(const LocatedTable&, const LocatedTable&) = default;
};

/// Returns nf_conntrack_buckets.
[[nodiscard]] Result<std::uint32_t> ReadBuckets(const KernelFiles& proc);

/// Returns the error for a resize that was noticed. For a reader without locks, a resize is not
/// atomic:
/// - a lookup and nf_conntrack_buckets may belong to different tables;
/// - chains of the old table lead into the new one, or are already empty;
/// - the old table is freed, and its memory is reused.
[[nodiscard]] tl::unexpected<Error> TableMoved();

/// \brief  Finds the table with the kernel's variables, or with a flow that it looks up. Verifies
///         it: chains must end like those of that table.
/// Threads and cost: one thread, with batch 0 of the programs. Some 20 us if the flow of the last
///          lookup still exists, otherwise a dump until its first message.
class TableLocator {
 public:
  TableLocator(std::shared_ptr<FlowWalkPrograms> programs, NetlinkSocketFactory netlink,
               KernelFiles proc, std::chrono::nanoseconds max_hold);

  /// \brief  Returns the current table, after the end of a resize. Returns std::nullopt if the
  ///         namespace is empty and the table was not known before.
  /// Errors:  kInterrupted if another resize came, or if the address is wrong; kAbsent if there is
  ///          no table, or nothing to find it with; kDenied if the kernel hides it; those of the
  ///          dump that finds a flow.
  [[nodiscard]] Result<std::optional<LocatedTable>> Locate(const std::stop_token& stop);

  /// Call this if the table was wrong. Locate() then does not fall back to it when there is no flow
  /// to look up, and reads the addresses of the variables again.
  void Forget() {
    last_.reset();
    programs_->ForgetVariables();
  }

 private:
  /// Used if the kernel shows its variables.
  [[nodiscard]] Result<std::optional<FlowLocation>> AwaitResize(const TableVariables& variables,
                                                                const std::stop_token& stop);
  /// Used otherwise: looks up flows.
  [[nodiscard]] Result<std::optional<FlowLocation>> Search(const std::stop_token& stop);
  [[nodiscard]] Result<LocatedTable> Verify(const TableVariables& variables,
                                            const FlowLocation& found, std::uint32_t buckets);

  const std::shared_ptr<FlowWalkPrograms> programs_;
  const NetlinkSocketFactory netlink_;
  const KernelFiles proc_;
  const std::chrono::nanoseconds max_hold_;
  std::optional<Flow> known_;         // the flow that led to the table
  std::optional<LocatedTable> last_;  // verified
};

}  // namespace conntrack::kernel
