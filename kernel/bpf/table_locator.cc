#include "kernel/bpf/table_locator.h"

#include <netinet/in.h>

#include <algorithm>
#include <functional>
#include <thread>
#include <utility>
#include <vector>

#include "kernel/netlink/ctnetlink_flow_source.h"
#include "kernel/proc/sysctl.h"

namespace conntrack::kernel {
namespace {

constexpr int kDumps = 3;  // of flows to look up, which may all be gone by then

// Per flow: a resize hides it for a moment (nf_conntrack_hash_resize).
constexpr int kLookups = 2;

// Number of buckets that are verified at each end of the table.
constexpr std::uint32_t kVerified = 64;

// Maximum wait for the end of a resize. It moves every flow: some 0.2 s per million.
constexpr std::chrono::milliseconds kResizeWait(500);
constexpr std::chrono::milliseconds kResizePoll(1);

/// Flows that can be used to find the table.
struct LookupFlows {
  std::vector<Flow> flows;  ///< TCP or UDP flows in zone 0, longest timeout first.
  bool any = false;         ///< There is a flow of any kind.
};

/// Keeps the flows of the first message that has any, and stops the dump.
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

tl::unexpected<Error> TableMoved() {
  return Fail(ErrorKind::kInterrupted, "the hash table was replaced during the walk");
}

Result<std::uint32_t> ReadBuckets(const KernelFiles& proc) {
  const auto buckets = ReadSysctl(proc, "nf_conntrack_buckets");
  if (!buckets) return Fail(buckets.error());
  return static_cast<std::uint32_t>(*buckets);
}

TableLocator::TableLocator(std::shared_ptr<FlowWalkPrograms> programs, NetlinkSocketFactory netlink,
                           KernelFiles proc, std::chrono::nanoseconds max_hold)
    : programs_(std::move(programs)),
      netlink_(std::move(netlink)),
      proc_(std::move(proc)),
      max_hold_(max_hold) {}

Result<std::optional<LocatedTable>> TableLocator::Locate(const std::stop_token& stop) {
  // The table may be gone or may not exist yet. Do not read addresses or dump flows then.
  if (const auto there = ReadBuckets(proc_); !there) return Fail(there.error());
  const auto variables = programs_->FindVariables();
  if (!variables) return Fail(variables.error());
  const auto found = *variables ? AwaitResize(*variables, stop) : Search(stop);
  if (!found) return Fail(found.error());
  if (!*found) return std::nullopt;
  // Read it after the search, which waits for the end of a resize.
  const auto buckets = ReadBuckets(proc_);
  if (!buckets) return Fail(buckets.error());
  auto verified = Verify(*variables, **found, *buckets);
  if (!verified) {
    Forget();
    return Fail(std::move(verified.error()));
  }
  last_ = *verified;
  return last_;
}

Result<std::optional<FlowLocation>> TableLocator::AwaitResize(const TableVariables& variables,
                                                              const std::stop_token& stop) {
  auto& batch = programs_->batch(0);
  const auto end = std::chrono::steady_clock::now() + kResizeWait;
  while (true) {
    programs_->Reset(0, variables, 0);
    if (auto ran = programs_->Run(0); !ran) return Fail(std::move(ran.error()));
    if (batch.generation % 2 == 0) return FlowLocation{};
    if (stop.stop_requested()) return TableMoved();
    if (std::chrono::steady_clock::now() > end) {
      Forget();
      return TableMoved();
    }
    std::this_thread::sleep_for(kResizePoll);
  }
}

Result<std::optional<FlowLocation>> TableLocator::Search(const std::stop_token& stop) {
  // Try the last flow first: it usually still exists. Only a lookup notices that the table was
  // replaced by one of the same size, because the freed memory of the old one may stay unchanged
  // and empty.
  for (int tries = 0; known_ && tries < kLookups; ++tries) {
    const auto found = programs_->FindTable(*known_);
    if (found) return *found;
    if (found.error().kind != ErrorKind::kInterrupted) return Fail(found.error());
  }
  known_.reset();
  const bool same = last_ && ReadBuckets(proc_) == last_->buckets;
  bool empty = false;
  for (int dumps = 0; dumps < kDumps; ++dumps) {
    const auto candidates = FindLookupFlows(netlink_, proc_, max_hold_, stop);
    if (!candidates && !same) return Fail(candidates.error());
    empty = candidates && !candidates->any;
    if (!candidates || candidates->flows.empty()) break;
    for (const auto& flow : candidates->flows) {
      const auto found = programs_->FindTable(flow);
      if (found) {
        known_ = flow;
        return *found;
      }
      if (found.error().kind != ErrorKind::kInterrupted) return Fail(found.error());
    }
  }
  if (same) return FlowLocation{last_->address, 0};  // assume that it still exists
  if (empty) return std::nullopt;
  return Fail(ErrorKind::kAbsent,
              "the hash table is found through a TCP or UDP flow in zone 0 of this network "
              "namespace, and there is none",
              "none needed; each walk tries again");
}

Result<LocatedTable> TableLocator::Verify(const TableVariables& variables,
                                          const FlowLocation& found, std::uint32_t buckets) {
  auto& batch = programs_->batch(0);
  programs_->Reset(0, variables, found.table);
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
  if (checked && found.bucket < buckets) checked = check(found.bucket, found.bucket + 1);
  if (!checked) return Fail(std::move(checked.error()));
  if (found.bucket < buckets && batch.torn_chains <= 1) {
    return LocatedTable{variables, batch.table, buckets, batch.generation};
  }
  return Fail(ErrorKind::kInterrupted,
              "there is no table of flows at the address of the kernel's hash table",
              "none needed; each walk tries again");
}

}  // namespace conntrack::kernel
