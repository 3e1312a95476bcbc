#include "collectors/flows/hash_table_families.h"

namespace conntrack {
namespace {

Family ChainLength(const kernel::HashTableStats& table) {
  Sample sample;
  std::uint64_t buckets = 0;
  for (std::size_t i = 0; i < table.chains.size(); ++i) {
    buckets += table.chains[i];
    sample.buckets.push_back({static_cast<double>(kernel::HashTableStats::kLengths[i]), buckets});
  }
  sample.value = static_cast<double>(buckets + table.longer_chains);
  sample.sum = static_cast<double>(table.tuples);
  return {
      "conntrack_hash_chain_length",
      "How many buckets of the host's hash table have chains of so many entries at most, now: not "
      "a count of events, so without rate(). The sum is that of both directions of all flows of "
      "all namespaces; sum / count is the load factor, 1 or less where the table is well sized.",
      MetricType::kHistogram,
      {std::move(sample)}};
}

}  // namespace

void AddHashTable(const kernel::HashTableStats& table, std::vector<Family>& families) {
  families.push_back(ChainLength(table));
  families.push_back(Gauge("conntrack_hash_chain_length_max",
                           "Length of the longest chain of the host's hash table.",
                           static_cast<double>(table.longest)));
  families.push_back(Gauge(
      "conntrack_flows_expired",
      "Entries of this namespace whose time is over, and which still hold a place until the kernel "
      "removes them; no dump shows them, and they are in none of the other conntrack_flows "
      "figures.",
      static_cast<double>(table.expired)));
}

}  // namespace conntrack
