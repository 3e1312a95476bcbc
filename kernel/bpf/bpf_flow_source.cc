#include "kernel/bpf/bpf_flow_source.h"

#include <netinet/in.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <iterator>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

#include "kernel/bpf/walked_flow.h"
#include "kernel/thread.h"

namespace conntrack::kernel {
namespace {

constexpr int kWalkTries = 3;

// Buckets that a thread takes at once. No run reads more, even if all are empty.
constexpr std::uint64_t kChunk = FLOW_WALK_BUCKETS;

/// Few chains move while they are read. In memory that is not the table, all seem to move.
bool LooksLikeTable(std::uint64_t torn_chains, std::uint64_t buckets) {
  return torn_chains <= 1 + buckets / 1000;
}

tl::unexpected<Error> EndlessChain() {
  return Fail(
      ErrorKind::kHeldBack,
      "a chain of the hash table has more than " + std::to_string(FLOW_WALK_CHAIN) + " entries",
      "raise net.netfilter.nf_conntrack_buckets (advise says how far)");
}

flow_walk_others OthersFor(NamespaceDetail detail) {
  switch (detail) {
    case NamespaceDetail::kFlows:
      return FLOW_WALK_COUNT;
    case NamespaceDetail::kStates:
      return FLOW_WALK_COUNT_AND_DELIVER;
    case NamespaceDetail::kNone:
      break;
  }
  return FLOW_WALK_IGNORE;
}

using StatesByInode = std::unordered_map<std::uint32_t, FlowsByState>;

/// The threads of one walk. They share the buckets among them.
class ParallelWalk {
 public:
  /// `own_inode` is set if flows are counted by state.
  ParallelWalk(FlowWalkPrograms& programs, const KernelFiles& proc, std::uint32_t buckets,
               FlowVisitor& visitor, std::optional<std::uint32_t> own_inode,
               const std::stop_token& stop)
      : programs_(programs),
        proc_(proc),
        buckets_(buckets),
        visitor_(visitor),
        own_inode_(own_inode),
        format_(ReadEntryFormat(proc)),
        stop_(stop) {}

  [[nodiscard]] Result<void> Run() {
    {
      std::vector<std::jthread> helpers;
      try {
        for (unsigned batch = 1; batch < programs_.batches(); ++batch) {
          helpers.push_back(
              StartThread("flow walk", [this, batch](const std::stop_token&) { Work(batch); }));
        }
      } catch (const ThreadError&) {  // the running threads do the work
      }
      Work(0);
    }
    if (error_) return Fail(*error_);
    if (stop_.stop_requested())
      return Fail(ErrorKind::kInterrupted, "stopped before the end of the walk");
    return {};
  }

  [[nodiscard]] std::uint64_t flows() const { return flows_; }
  [[nodiscard]] StatesByInode TakeStates() && { return std::move(states_); }

 private:
  void Work(unsigned index) {
    auto walked = Caught([&] { return WalkChunks(index); });
    if (walked) return;
    const std::lock_guard lock(mutex_);
    error_ = std::move(walked.error());
    failed_ = true;
  }

  [[nodiscard]] Result<void> WalkChunks(unsigned index) {
    auto& batch = programs_.batch(index);
    while (!stop_.stop_requested() && !failed_) {
      const auto begin = next_.fetch_add(kChunk);
      if (begin >= buckets_) break;
      // Two resizes may put a table at the address of the first one. The one in between has another
      // size.
      if (ReadBuckets(proc_) != buckets_) return TableMoved();
      batch.bucket = static_cast<std::uint32_t>(begin);
      batch.end = static_cast<std::uint32_t>(std::min<std::uint64_t>(begin + kChunk, buckets_));
      while (batch.bucket < batch.end && !stop_.stop_requested()) {
        if (auto ran = programs_.Run(index); !ran) return ran;
        const std::lock_guard lock(mutex_);
        const auto filled = std::min<std::size_t>(batch.flows, std::size(batch.flow));
        for (std::size_t i = 0; i < filled; ++i) Take(batch, batch.flow[i]);
      }
    }
    return {};
  }

  void Take(const flow_walk_batch& batch, const flow_walk_flow& entry) {
    const auto flow = ToFlow(entry, format_);
    if (entry.slot == 0) {
      visitor_.Visit(flow);
      ++flows_;
    }
    if (!own_inode_) return;
    auto& of_namespace = states_[entry.slot == 0 ? *own_inode_ : InodeIn(batch, entry.slot)];
    const auto protocol = IsTracked(flow.protocol) ? flow.protocol : std::uint8_t{IPPROTO_RAW};
    ++of_namespace[protocol][StateIndex(flow)];
  }

  static std::uint32_t InodeIn(const flow_walk_batch& batch, unsigned slot) {
    return slot <= FLOW_WALK_NAMESPACES ? batch.namespaces[slot - 1].inode : 0;
  }

  FlowWalkPrograms& programs_;
  const KernelFiles& proc_;
  const std::uint32_t buckets_;
  FlowVisitor& visitor_;  // one flow at a time: mutex_ held
  const std::optional<std::uint32_t> own_inode_;
  const EntryFormat format_;
  const std::stop_token& stop_;
  std::atomic<std::uint64_t> next_ = 0;
  std::atomic<bool> failed_ = false;
  std::mutex mutex_;
  std::uint64_t flows_ = 0;  // of this namespace
  StatesByInode states_;
  std::optional<Error> error_;
};

/// Adds up the batches of all threads.
class WalkTotals {
 public:
  void Add(const flow_walk_batch& batch) {
    for (std::size_t i = 0; i < table_.chains.size(); ++i) table_.chains[i] += batch.chains[i];
    table_.longer_chains += batch.chains[table_.chains.size()];
    table_.tuples += batch.tuples;
    table_.longest = std::max<std::uint64_t>(table_.longest, batch.longest);
    table_.expired += batch.expired;
    torn_chains += batch.torn_chains;
    torn_flows += batch.torn_flows;
    endless_chains += batch.endless_chains;
    for (const auto& one : batch.namespaces) {
      if (one.net != 0) namespaces_[one.inode] += one.flows;
    }
    if (batch.elsewhere != 0) namespaces_[0] += batch.elsewhere;
  }

  void AddOwn(const OwnNamespace& own, std::uint64_t flows) { namespaces_[own.inode] += flows; }

  [[nodiscard]] HashTableStats TakeTable(StatesByInode states) && {
    for (const auto& [inode, flows] : namespaces_) {
      table_.namespaces.push_back({inode, flows, std::move(states[inode])});
    }
    return std::move(table_);
  }

  std::uint64_t torn_chains = 0;
  std::uint64_t torn_flows = 0;
  std::uint64_t endless_chains = 0;

 private:
  static_assert(HashTableStats::kLengths.size() + 1 == FLOW_WALK_LENGTHS);
  HashTableStats table_;
  std::map<std::uint32_t, std::uint64_t> namespaces_;  // by inode
};

}  // namespace

BpfFlowSource::BpfFlowSource(std::shared_ptr<FlowWalkPrograms> programs,
                             NetlinkSocketFactory netlink, KernelFiles proc,
                             std::chrono::nanoseconds max_hold, NamespaceDetail namespaces)
    : programs_(std::move(programs)),
      proc_(std::move(proc)),
      namespaces_(namespaces),
      locator_(programs_, std::move(netlink), proc_, max_hold) {}

Result<void> BpfFlowSource::Walk(FlowVisitor& visitor, const std::stop_token& stop) {
  Result<void> outcome;
  for (int tries = 0; tries < kWalkTries && !stop.stop_requested(); ++tries) {
    visitor.Begin();
    table_.reset();
    outcome = WalkOnce(visitor, stop);
    if (outcome) return {};
    if (outcome.error().kind != ErrorKind::kInterrupted) return outcome;
    if (!stop.stop_requested()) ++errors_.interruptions;
  }
  return outcome;
}

Result<void> BpfFlowSource::WalkOnce(FlowVisitor& visitor, const std::stop_token& stop) {
  const auto located = locator_.Locate(stop);
  if (!located) return Fail(located.error());
  if (!*located) return {};  // the namespace is empty
  const auto& table = **located;
  const auto own = programs_->FindOwnNamespace();
  if (!own) return Fail(own.error());
  for (unsigned i = 0; i < programs_->batches(); ++i) {
    programs_->Reset(i, table.variables, table.address, own->address, OthersFor(namespaces_));
  }
  const bool states = namespaces_ == NamespaceDetail::kStates;
  ParallelWalk walk(*programs_, proc_, table.buckets, visitor,
                    states ? std::optional(own->inode) : std::nullopt, stop);
  if (auto walked = walk.Run(); !walked) return walked;
  WalkTotals totals;
  for (unsigned i = 0; i < programs_->batches(); ++i) totals.Add(programs_->batch(i));
  const auto after = locator_.Locate(stop);
  if (!after) return Fail(after.error());
  if (*after != table) return TableMoved();
  if (!LooksLikeTable(totals.torn_chains, table.buckets)) {
    locator_.Forget();
    return TableMoved();
  }
  if (totals.endless_chains > 0) return EndlessChain();
  errors_.torn += totals.torn_chains + totals.torn_flows;
  if (namespaces_ != NamespaceDetail::kNone) totals.AddOwn(*own, walk.flows());
  table_ = std::move(totals).TakeTable(std::move(walk).TakeStates());
  return {};
}

}  // namespace conntrack::kernel
