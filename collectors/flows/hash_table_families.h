// conntrack_hash_chain_length: the hash table as its chains show it.
#pragma once

#include <vector>

#include "collectors/metric.h"
#include "kernel/flow_source.h"

namespace conntrack {

/// Adds the families that only a walk of the hash table can tell: the lengths of its chains, and
/// the expired entries that are still in it.
/// Units:   buckets, tuples, flows; current.
/// Cost:    pure; 10 series.
void AddHashTable(const kernel::HashTableStats& table, std::vector<Family>& families);

}  // namespace conntrack
