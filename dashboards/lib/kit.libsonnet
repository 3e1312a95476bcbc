// What dashboards are written with, for one configuration.
function(config) (
  local queries = (import 'queries.libsonnet')(config);
  local panels = (import 'panels.libsonnet')(config), dashboard = (import 'dashboard.libsonnet')(config, queries);
  local kit = panels + (import 'layout.libsonnet') + dashboard + {
    config:: config,
    alerts:: config.alerts,
    queries:: queries,
    thresholds:: import 'thresholds.libsonnet',
    percent(share):: '%g %%' % (share * 100),

    // What a panel says where it has nothing to show.
    needs:: {
      table: 'no table collector: no exporter here, or nf_conntrack is not loaded',
      limit: 'no limit: the kernel module is not loaded, or nf_conntrack_max is 0',
      stat: 'no stat collector: needs CAP_NET_ADMIN on kernels without /proc/net/stat/nf_conntrack',
      flows: 'no flows, or flows collector: needs CAP_NET_ADMIN, and nf_conntrack_netlink loaded',
      bpf: 'flows are not read by BPF: docs/bpf.md says how to turn it on',
      netnsFlows: 'off: --collector.netns; or flows are not read by BPF: docs/bpf.md',
      netnsComposition: 'off: --collector.netns.composition; or flows are not read by BPF: docs/bpf.md',
      kernelLog: 'kernel_log collector: needs read access to /dev/kmsg',
      ena: 'no interface with the driver ena: this is no instance of EC2',
      persistence: 'persistence collector: needs read access to the boot files of the host',
      talkers: 'no flows, or off: --collector.talkers (needs CAP_NET_ADMIN)',
      kubernetes: 'off: --collector.talkers, the recording rules, kube-state-metrics: docs/kubernetes.md',
      kubernetesNetns: 'off: --collector.netns, the recording rules, kube-state-metrics: docs/kubernetes.md',
      nat: 'no source NAT, or off: --collector.nat (needs CAP_NET_ADMIN)',
      events: 'off: --collector.events (needs CAP_NET_ADMIN)',
      lifetimes: 'off: --collector.events, with nf_conntrack_timestamp=1',
      netns: 'off: --collector.netns',
      exporter: 'no exporter here: is there a scrape job?',
      process: 'no exporter here, or --web.disable-exporter-metrics',
    },
  };
  kit + (import 'shared.libsonnet')(kit)
)
