// Flow counts and the hash table as metric families.
#pragma once

#include <cstddef>
#include <vector>

#include "collectors/flows/flow_counts.h"
#include "collectors/metric.h"
#include "kernel/bpf/hash_table.h"

namespace conntrack {

/// \brief  conntrack_flows, conntrack_flows_with_status, conntrack_flows_by_zone and
/// conntrack_flows_expiring.
///
/// TCP, UDP, ICMP and ICMPv6 are always there, with zeros, so that a rule on one of their states
/// has a series to look at before the first flow of that kind; other protocols appear with their
/// first flow. Zones beyond the `max_zones` fullest are summed up in the zone "other".
/// Threads and cost: pure; some 150 series for IPv4 and IPv6, 20 more for each further protocol.
[[nodiscard]] std::vector<Family> FlowFamilies(const FlowCounts& counts, std::size_t max_zones);

/// \brief  What only a walk of the hash table can tell: the lengths of its chains, and the expired
/// entries that are still in it.
/// Units:   buckets, tuples, flows; current.
/// Threads and cost: pure; 10 series.
[[nodiscard]] std::vector<Family> HashTableFamilies(const kernel::HashTable& table);

}  // namespace conntrack
