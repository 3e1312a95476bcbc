#include "kernel/netlink/lookup_flows.h"

#include <netinet/in.h>

#include <algorithm>
#include <utility>

#include "kernel/netlink/ctnetlink_flow_source.h"

namespace conntrack::kernel {
namespace {

constexpr std::size_t kEnough = 16;

/// Keeps some flows of the message that has the first, and asks for no other message.
class Searcher final : public FlowVisitor {
 public:
  void Begin() override { found_ = {}; }
  void Visit(const Flow& flow) override {
    found_.any = true;
    if (flow.protocol != IPPROTO_TCP && flow.protocol != IPPROTO_UDP) return;
    if (flow.zone != 0 || flow.reply_zone != 0 || found_.flows.size() == kEnough) return;
    found_.flows.push_back(flow);
    stop_.request_stop();
  }

  [[nodiscard]] std::stop_source& stop() { return stop_; }
  [[nodiscard]] LookupFlows& found() { return found_; }

 private:
  LookupFlows found_;
  std::stop_source stop_;
};

}  // namespace

Result<LookupFlows> FindLookupFlows(const NetlinkSocketFactory& netlink, const KernelFiles& proc,
                                    std::chrono::nanoseconds max_hold,
                                    const std::stop_token& stop) {
  Searcher searcher;
  const std::stop_callback pass_on(stop, [&] { searcher.stop().request_stop(); });
  const auto walked =
      CtnetlinkFlowSource(netlink, proc, max_hold).Walk(searcher, searcher.stop().get_token());
  auto& found = searcher.found();
  if (found.flows.empty() && !walked) return Fail(walked.error());
  std::sort(found.flows.begin(), found.flows.end(),
            [](const Flow& a, const Flow& b) { return a.timeout > b.timeout; });
  return std::move(found);
}

}  // namespace conntrack::kernel
