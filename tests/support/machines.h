// Machines that advice is tested on.
#pragma once

#include "diagnosis/sizing_advice.h"

namespace conntrack::test {

[[nodiscard]] inline NotrackTarget Target(std::string_view text) {
  return ParseNotrackTarget(text).value();
}

/// A DNS server of 16 GiB: Linux 6.1 with its defaults, the table three quarters full.
[[nodiscard]] inline Machine DnsServer() {
  Machine machine;
  machine.release = "6.1.0-26-amd64";
  machine.kernel = kernel::KernelRelease{6, 1};
  machine.refuses_long_chains = true;
  machine.place.boot_network_namespace = true;
  machine.mem_total = 16'384'000 * 1024ULL;
  machine.cpus = 8;
  machine.module = ModuleState::kLoaded;
  machine.sysctls = {{"nf_conntrack_count", 200'000},
                     {"nf_conntrack_max", 262'144},
                     {"nf_conntrack_buckets", 262'144},
                     {"nf_conntrack_acct", 0},
                     {"nf_conntrack_timestamp", 0},
                     {"nf_conntrack_events", 2},
                     {"nf_conntrack_tcp_timeout_established", 432'000},
                     {"nf_conntrack_tcp_timeout_time_wait", 120},
                     {"nf_conntrack_tcp_timeout_close_wait", 60},
                     {"nf_conntrack_tcp_timeout_fin_wait", 120},
                     {"nf_conntrack_tcp_timeout_last_ack", 30},
                     {"nf_conntrack_tcp_timeout_syn_recv", 60},
                     {"nf_conntrack_tcp_timeout_syn_sent", 120},
                     {"nf_conntrack_generic_timeout", 600},
                     {"nf_conntrack_udp_timeout", 10},
                     {"nf_conntrack_udp_timeout_stream", 120}};
  machine.entry_memory = EntryMemory{256, 51'200'000, "slabinfo"};
  machine.flows = FlowSurvey{199'000,
                             9000,
                             {{"udp", "REPLIED", 120'000},
                              {"udp", "UNREPLIED", 50'000},
                              {"tcp", "ESTABLISHED", 20'000},
                              {"tcp", "TIME_WAIT", 9000}},
                             {{Target("udp/53"), 165'000, 0}, {Target("tcp/443"), 15'000, 9000}},
                             {}};
  return machine;
}

/// A node of a cluster: Linux 4.19, 64 GiB, 4 CPUs, what kube-proxy has set; without CAP_NET_ADMIN.
[[nodiscard]] inline Machine KubernetesNode() {
  auto machine = DnsServer();
  machine.release = "4.19.0-26-amd64";
  machine.kernel = kernel::KernelRelease{4, 19};
  machine.refuses_long_chains = false;
  machine.mem_total = 65'800'000 * 1024ULL;
  machine.cpus = 4;
  machine.place.boot_network_namespace = true;
  machine.place.kubernetes = kernel::Kubernetes{.sign = "/var/lib/kubelet",
                                                .in_pod = false,
                                                .kubelet = true,
                                                .kube_proxy = kernel::KubeProxyMode::kIptables,
                                                .kube_proxy_options = {},
                                                .cilium = false,
                                                .distribution = {}};
  machine.forwarding = true;
  machine.sysctls["nf_conntrack_max"] = 131'072;
  machine.sysctls["nf_conntrack_buckets"] = 65'536;
  machine.sysctls["nf_conntrack_count"] = 100'000;
  machine.sysctls["nf_conntrack_tcp_timeout_established"] = 86'400;
  machine.sysctls["nf_conntrack_tcp_timeout_close_wait"] = 3600;
  machine.entry_memory = EntryMemory{320, 32'000'000, "estimate"};
  machine.flows.reset();
  machine.missing = {{"what fills the table",
                      Error{ErrorKind::kDenied, 1, "ctnetlink refused: Operation not permitted",
                            "give CAP_NET_ADMIN"}}};
  return machine;
}

/// A small machine of the 2.6.32 era, on which connection tracking is not loaded.
[[nodiscard]] inline Machine OldAndIdle() {
  Machine machine;
  machine.release = "2.6.32-754.el6.x86_64";
  machine.kernel = kernel::KernelRelease{2, 6};
  machine.refuses_long_chains = false;
  machine.mem_total = 1'000'000 * 1024ULL;
  machine.cpus = 1;
  machine.entry_memory = EntryMemory{320, 0, "estimate"};
  return machine;
}

}  // namespace conntrack::test
