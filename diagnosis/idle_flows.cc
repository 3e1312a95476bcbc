#include "diagnosis/idle_flows.h"

// Must come before <linux/...>, which otherwise redefines parts of it.
#include <netinet/in.h>

#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>

namespace conntrack {

void IdleFlows::Visit(const kernel::Flow& flow) {
  if (flow.protocol != IPPROTO_TCP || flow.state != TCP_CONNTRACK_ESTABLISHED) return;
  // A flow picked up in mid-stream and never answered has the shorter timeout
  // nf_conntrack_tcp_timeout_unacknowledged, so it would look idle.
  if ((flow.status & IPS_SEEN_REPLY) == 0) return;
  if (flow.timeout && *flow.timeout <= longest_left_) ++flows_;
}

}  // namespace conntrack
