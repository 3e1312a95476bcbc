#include "collectors/kernel/known_flow.h"

#include <netinet/in.h>

#include "collectors/kernel/ctnetlink_flow_source.h"

namespace conntrack::kernel {
namespace {

/// Keeps the flow that has the longest to live of those in the message, and asks for no other message.
class Searcher final : public FlowVisitor {
 public:
  void Begin() override {}
  void Visit(const Flow& flow) override {
    if (flow.protocol != IPPROTO_TCP && flow.protocol != IPPROTO_UDP) return;
    if (flow.zone != 0 || flow.reply_zone != 0) return;
    // One that is about to go would not be there any more.
    if (found_ && flow.timeout < found_->timeout) return;
    found_ = flow;
    stop_.request_stop();
  }

  [[nodiscard]] std::stop_source& stop() { return stop_; }
  [[nodiscard]] const std::optional<Flow>& found() const { return found_; }

 private:
  std::optional<Flow> found_;
  std::stop_source stop_;
};

}  // namespace

Result<std::optional<Flow>> FindKnownFlow(const OpenNetlinkPort& netlink, const KernelFiles& proc,
                                          std::chrono::nanoseconds max_hold,
                                          const std::stop_token& stop) {
  Searcher searcher;
  const std::stop_callback pass_on(stop, [&] { searcher.stop().request_stop(); });
  const auto walked =
      CtnetlinkFlowSource(netlink, proc, max_hold).Walk(searcher, searcher.stop().get_token());
  if (searcher.found()) return searcher.found();
  if (!walked) return Fail(walked.error());
  return std::nullopt;
}

}  // namespace conntrack::kernel
