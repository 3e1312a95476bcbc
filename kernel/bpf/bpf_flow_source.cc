#include "kernel/bpf/bpf_flow_source.h"

#include <netinet/in.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstring>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "kernel/bpf/walked_flow.h"
#include "kernel/netlink/ctnetlink_flow_source.h"
#include "kernel/proc/sysctl.h"
#include "kernel/thread.h"

namespace conntrack::kernel {
namespace {

constexpr int kTries = 3;

// Buckets that are verified at the beginning and at the end of the table.
constexpr std::uint32_t kVerified = 64;

// Buckets that a thread takes at once; no run reads beyond them, however many are empty.
constexpr std::uint64_t kChunk = FLOW_WALK_BUCKETS;

void Reset(flow_walk_batch& batch, const TableAddress& table, std::uint64_t own_namespace,
           bool count_namespaces) {
  std::memset(&batch, 0, offsetof(flow_walk_batch, node));
  batch.table = table.buckets;
  batch.table_symbol = table.variable;
  batch.own_net = own_namespace;
  batch.count_namespaces = count_namespaces ? 1 : 0;
}

/// Few chains move while they are read; memory that is no table has nothing else.
bool LooksLikeTable(std::uint64_t torn_chains, std::uint64_t buckets) {
  return torn_chains <= 1 + buckets / 1000;
}

tl::unexpected<Error> Moved() {
  return Fail(ErrorKind::kInterrupted, "the hash table was replaced under the walk");
}

tl::unexpected<Error> EndlessChain() {
  return Fail(
      ErrorKind::kHeldBack,
      "a chain of the hash table has more than " + std::to_string(FLOW_WALK_CHAIN) + " entries",
      "raise net.netfilter.nf_conntrack_buckets (advise says how far)");
}

/// The threads of one walk, which share the buckets among them.
class ParallelWalk {
 public:
  ParallelWalk(FlowWalkPrograms& programs, std::uint64_t buckets, FlowVisitor& visitor,
               const EntryFormat& format, const std::stop_token& stop)
      : programs_(programs), buckets_(buckets), visitor_(visitor), format_(format), stop_(stop) {}

  [[nodiscard]] Result<void> Run() {
    {
      std::vector<std::jthread> helpers;
      try {
        for (unsigned batch = 1; batch < programs_.batches(); ++batch) {
          helpers.push_back(
              StartThread("flow walk", [this, batch](const std::stop_token&) { Work(batch); }));
        }
      } catch (const ThreadError&) {  // those that there are do the work
      }
      Work(0);
    }
    if (error_) return Fail(*error_);
    if (stop_.stop_requested())
      return Fail(ErrorKind::kInterrupted, "stopped before the walk was complete");
    return {};
  }

  [[nodiscard]] std::uint64_t flows() const { return flows_; }

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
      batch.bucket = static_cast<std::uint32_t>(begin);
      batch.end = static_cast<std::uint32_t>(std::min(begin + kChunk, buckets_));
      while (batch.bucket < batch.end && !stop_.stop_requested()) {
        if (auto ran = programs_.Run(index); !ran) return ran;
        const std::lock_guard lock(mutex_);
        const auto filled = std::min<std::size_t>(batch.flows, std::size(batch.flow));
        for (std::size_t i = 0; i < filled; ++i) visitor_.Visit(ToFlow(batch.flow[i], format_));
        flows_ += filled;
      }
    }
    return {};
  }

  FlowWalkPrograms& programs_;
  const std::uint64_t buckets_;
  FlowVisitor& visitor_;  // one flow at a time: mutex_ held
  const EntryFormat& format_;
  const std::stop_token& stop_;
  std::atomic<std::uint64_t> next_ = 0;
  std::atomic<bool> failed_ = false;
  std::mutex mutex_;
  std::uint64_t flows_ = 0;
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
    table_.elsewhere += batch.elsewhere;
    if (batch.table != 0) {  // this thread has read something
      replaced = replaced || batch.replaced > 0 || (read_ != 0 && read_ != batch.table);
      read_ = batch.table;
    }
    torn_chains += batch.torn_chains;
    torn_flows += batch.torn_flows;
    endless_chains += batch.endless_chains;
    for (const auto& one : batch.namespaces) {
      if (one.net != 0) namespaces_[one.inode] += one.flows;
    }
  }

  void AddOwn(const OwnNamespace& own, std::uint64_t flows) { namespaces_[own.inode] += flows; }

  [[nodiscard]] HashTableStats TakeTable() && {
    for (const auto& [inode, flows] : namespaces_) table_.namespaces.push_back({inode, flows});
    return std::move(table_);
  }

  bool replaced = false;  ///< The threads, or the runs of one, read several tables.
  std::uint64_t torn_chains = 0;
  std::uint64_t torn_flows = 0;
  std::uint64_t endless_chains = 0;

 private:
  static_assert(HashTableStats::kLengths.size() + 1 == FLOW_WALK_LENGTHS);
  std::uint64_t read_ = 0;  // address of the table
  HashTableStats table_;
  std::map<std::uint32_t, std::uint64_t> namespaces_;  // by inode
};

/// Flows by which the table can be found.
struct LookupFlows {
  std::vector<Flow> flows;  ///< TCP or UDP flows in zone 0, those with the longest timeout first.
  bool any = false;         ///< Whether there is a flow of any kind.
};

/// Keeps the flows of the first message that has some, and stops the dump.
class LookupFlowVisitor final : public FlowVisitor {
 public:
  void Begin() override { found = {}; }
  void Visit(const Flow& flow) override {
    found.any = true;
    if (flow.protocol != IPPROTO_TCP && flow.protocol != IPPROTO_UDP) return;
    if (flow.zone != 0 || flow.reply_zone != 0 || found.flows.size() == kMaxLookups) return;
    found.flows.push_back(flow);
    stop.request_stop();
  }

  LookupFlows found;
  std::stop_source stop;

 private:
  static constexpr std::size_t kMaxLookups = 16;
};

Result<LookupFlows> FindLookupFlows(const NetlinkSocketFactory& netlink, const KernelFiles& proc,
                                    std::chrono::nanoseconds max_hold,
                                    const std::stop_token& stop) {
  LookupFlowVisitor visitor;
  const std::stop_callback pass_on(stop, [&] { visitor.stop.request_stop(); });
  const auto walked =
      CtnetlinkFlowSource(netlink, proc, max_hold).Walk(visitor, visitor.stop.get_token());
  auto& found = visitor.found;
  if (found.flows.empty() && !walked) return Fail(walked.error());
  std::ranges::sort(found.flows, std::greater{}, &Flow::timeout);
  return std::move(found);
}

}  // namespace

BpfFlowSource::BpfFlowSource(std::shared_ptr<FlowWalkPrograms> programs,
                             NetlinkSocketFactory netlink, KernelFiles proc,
                             std::chrono::nanoseconds max_hold, FlowWalkOptions options)
    : programs_(std::move(programs)),
      netlink_(std::move(netlink)),
      proc_(std::move(proc)),
      max_hold_(max_hold),
      options_(options) {}

Result<void> BpfFlowSource::Walk(FlowVisitor& visitor, const std::stop_token& stop) {
  Result<void> outcome;
  for (int tries = 0; tries < kTries && !stop.stop_requested(); ++tries) {
    visitor.Begin();
    table_.reset();
    const auto buckets = ReadSysctl(proc_, "nf_conntrack_buckets");
    if (!buckets) return Fail(buckets.error());
    outcome = WalkOnce(static_cast<std::uint32_t>(*buckets), visitor, stop);
    if (outcome) {
      const auto after = ReadSysctl(proc_, "nf_conntrack_buckets");
      if (!after || *after == *buckets) return {};
      outcome = Moved();
    }
    address_.reset();
    table_.reset();
    if (outcome.error().kind != ErrorKind::kInterrupted) return outcome;
    if (!stop.stop_requested()) ++errors_.interruptions;
  }
  return outcome;
}

Result<void> BpfFlowSource::WalkOnce(std::uint32_t buckets, FlowVisitor& visitor,
                                     const std::stop_token& stop) {
  if (auto located = Locate(buckets, stop); !located) return located;
  if (!address_) return {};  // an empty namespace
  const auto own = programs_->FindOwnNamespace();
  if (!own) return Fail(own.error());
  for (unsigned i = 0; i < programs_->batches(); ++i) {
    Reset(programs_->batch(i), *address_, own->address, options_.count_namespaces);
  }
  const auto format = ReadEntryFormat(proc_);
  ParallelWalk walk(*programs_, buckets, visitor, format, stop);
  if (auto walked = walk.Run(); !walked) return walked;
  WalkTotals totals;
  for (unsigned i = 0; i < programs_->batches(); ++i) totals.Add(programs_->batch(i));
  if (totals.endless_chains > 0) return EndlessChain();
  if (totals.replaced || !LooksLikeTable(totals.torn_chains, buckets)) return Moved();
  const auto before = address_;
  if (auto located = Locate(buckets, stop); !located) return located;
  if (address_ && address_ != before) return Moved();
  errors_.torn += totals.torn_chains + totals.torn_flows;
  if (options_.count_namespaces) totals.AddOwn(*own, walk.flows());
  table_ = std::move(totals).TakeTable();
  return {};
}

Result<void> BpfFlowSource::Locate(std::uint32_t buckets, const std::stop_token& stop) {
  if (const auto variable = programs_->table_variable(); variable != 0) {
    const TableAddress address{0, variable};
    const bool same = address_ == address && buckets_ == buckets;
    return same ? Result<void>{} : VerifyTable(address, std::nullopt, buckets);
  }
  // Try the flow of the last time, which is usually still there. Nothing else tells a table that was
  // replaced by one of the same size: its memory may stay as it was, empty.
  if (known_) {
    auto located = LocateBy(*known_, buckets);
    if (located || located.error().kind != ErrorKind::kInterrupted) return located;
    known_.reset();
  }
  const bool found_before = address_ && buckets_ == buckets;
  bool empty = false;
  for (int tries = 0; tries < kTries; ++tries) {
    const auto candidates = FindLookupFlows(netlink_, proc_, max_hold_, stop);
    if (!candidates && !found_before) return Fail(candidates.error());
    empty = candidates && !candidates->any;
    if (!candidates || candidates->flows.empty()) break;
    for (const auto& flow : candidates->flows) {
      auto located = LocateBy(flow, buckets);
      if (located) known_ = flow;
      if (located || located.error().kind != ErrorKind::kInterrupted) return located;
    }
  }
  if (found_before) return {};  // assume that it is still the same
  address_.reset();
  if (empty) return {};
  return Fail(ErrorKind::kAbsent,
              "no TCP or UDP flow in zone 0 of this namespace by which to find the hash table",
              "none; it is tried again with each walk");
}

Result<void> BpfFlowSource::LocateBy(const Flow& flow, std::uint32_t buckets) {
  const auto found = programs_->FindTable(flow);
  if (!found) return Fail(found.error());
  const bool same = address_ == found->table && buckets_ == buckets;
  return same ? Result<void>{} : VerifyTable(found->table, found->bucket, buckets);
}

Result<void> BpfFlowSource::VerifyTable(const TableAddress& address,
                                        std::optional<std::uint32_t> bucket,
                                        std::uint32_t buckets) {
  auto& batch = programs_->batch(0);
  Reset(batch, address, 0, false);
  const auto check = [&](std::uint32_t begin, std::uint32_t end) {
    batch.bucket = begin;
    batch.end = end;
    while (batch.bucket < batch.end) {
      if (auto ran = programs_->Run(0); !ran) return ran;
    }
    return Result<void>{};
  };
  const auto some = std::min(kVerified, buckets);
  auto checked = check(0, some);
  if (checked) checked = check(buckets - some, buckets);
  if (checked && bucket && *bucket < buckets) checked = check(*bucket, *bucket + 1);
  if (!checked) return checked;
  if ((bucket && *bucket >= buckets) || batch.torn_chains > 1) {
    return Fail(ErrorKind::kMalformed, "what was found in the kernel's memory is no table of flows",
                "please report it, with the kernel's release");
  }
  address_ = address;
  buckets_ = buckets;
  return {};
}

}  // namespace conntrack::kernel
