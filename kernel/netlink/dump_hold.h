// How long a dump keeps softirqs off.
#pragma once

#include <chrono>
#include <cstdint>

namespace conntrack::kernel {

/// \brief  An estimate of the longest time that a ctnetlink dump holds softirqs off on its CPU.
///
/// Source:  ctnetlink_dump_table() holds local_bh_disable() until a message buffer of 32 KiB is
///          full, which takes some 170 entries of the own namespace. All namespaces share one hash
///          table, so where the own entries are few, the kernel walks the buckets and the entries
///          of everybody else in one hold. Measured on Linux 6.18: 40 ns a bucket and 170 ns an
///          entry of another namespace (1,048,576 buckets with 1,000,000 such entries: 0.21 s).
/// Units:   entries of this namespace, entries of the whole host (this one included), buckets of
///          the table.
/// Cost:    pure.
[[nodiscard]] std::chrono::nanoseconds EstimateSoftirqHold(std::uint64_t own_entries,
                                                           std::uint64_t host_entries,
                                                           std::uint64_t buckets);

}  // namespace conntrack::kernel
