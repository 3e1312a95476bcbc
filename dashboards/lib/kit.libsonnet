// The building blocks of the dashboards, for one configuration.
function(config) (
  local queries = (import 'queries.libsonnet')(config);
  local panels = (import 'panels.libsonnet')(config), dashboard = (import 'dashboard.libsonnet')(config, queries);
  local kit = panels + (import 'layout.libsonnet') + dashboard + {
    config:: config,
    alerts:: config.alerts,
    queries:: queries,
    thresholds:: import 'thresholds.libsonnet',
    percent(share):: '%g %%' % (share * 100),

    // The texts of panels without data (noValue): what is missing.
    needs:: {
      table: 'no table collector: no exporter here, or nf_conntrack is not loaded',
      limit: 'no limit: nf_conntrack is not loaded, or nf_conntrack_max is 0',
      stat: 'no stat collector: needs /proc/net/stat/nf_conntrack, or CAP_NET_ADMIN',
      flows: 'no flows, or missing: CAP_NET_ADMIN, module nf_conntrack_netlink',
      bpf: 'needs flows read by BPF: docs/bpf.md',
      netnsFlows: 'needs --collector.netns, and flows read by BPF: docs/bpf.md',
      netnsComposition: 'needs --collector.netns.composition, and flows read by BPF: docs/bpf.md',
      kernelLog: 'no kernel_log collector: needs read access to /dev/kmsg',
      ena: 'no interface with the driver ena: not an EC2 instance',
      persistence: 'no persistence collector: needs read access to the boot files of the host',
      talkers: 'no flows, or off: needs --collector.talkers and CAP_NET_ADMIN',
      kubernetes: 'needs --collector.talkers, the recording rules and kube-state-metrics: docs/kubernetes.md',
      kubernetesNetns: 'needs --collector.netns, the recording rules and kube-state-metrics: docs/kubernetes.md',
      nat: 'no source NAT, or off: needs --collector.nat and CAP_NET_ADMIN',
      events: 'off: needs --collector.events and CAP_NET_ADMIN',
      lifetimes: 'needs --collector.events and nf_conntrack_timestamp=1',
      netns: 'off: needs --collector.netns',
      exporter: 'no exporter here: check the scrape job',
      process: 'no exporter here, or --web.disable-exporter-metrics',
    },
  };
  kit + (import 'shared.libsonnet')(kit)
)
