#include "exporter/commands/advise/timeout_rules.h"

#include <array>

namespace conntrack::exporter::advise {
namespace {

constexpr std::array<TimeoutRule, 10> kRules = {{
    {"nf_conntrack_tcp_timeout_established", 21'600,
     "connections idle for longer lose their NAT mapping and their ESTABLISHED match; below 7200 "
     "keepalives come too late (net.ipv4.tcp_keepalive_time)"},
    {"nf_conntrack_tcp_timeout_time_wait", 60,
     "hosts stay in TIME_WAIT for 60 s: late segments are INVALID, a port used again meets the old "
     "connection"},
    {"nf_conntrack_tcp_timeout_close_wait", 20,
     "half-closed connections, whose other side takes long to close, are cut: kube-proxy sets 3600 "
     "for their sake"},
    {"nf_conntrack_tcp_timeout_fin_wait", 30,
     "a side that answers slowly after the other has closed: what it still sends is INVALID"},
    {"nf_conntrack_tcp_timeout_last_ack", 30,
     "the last FIN is repeated on lossy paths, its acknowledgement is INVALID then"},
    {"nf_conntrack_tcp_timeout_syn_recv", 60,
     "slow clients never get through: SYN-ACKs are repeated for 63 s "
     "(net.ipv4.tcp_synack_retries)"},
    {"nf_conntrack_tcp_timeout_syn_sent", 120,
     "connections to slow or lossy servers fail: SYNs are repeated for 127 s "
     "(net.ipv4.tcp_syn_retries)"},
    {"nf_conntrack_generic_timeout", 120,
     "tunnels and protocols without a tracker (ESP, OSPF) that pause for longer lose their "
     "mapping"},
    {"nf_conntrack_udp_timeout", 30,
     "answers that take longer are new flows, which a stateful firewall drops"},
    {"nf_conntrack_udp_timeout_stream", 60,
     "VPNs, SIP and QUIC keep their mapping alive every 25 to 30 s: below that they break, and "
     "close to it one lost packet breaks them"},
}};

}  // namespace

std::span<const TimeoutRule> TimeoutRules() { return kRules; }

}  // namespace conntrack::exporter::advise
