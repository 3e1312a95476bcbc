// Flows by the pods, containers and units of this host.
function(kit) (
  local queries = kit.queries, none = 'off: needs --collector.workloads';
  local flows(direction) = queries.series('conntrack_workload_flows', 'direction="%s"' % direction);
  local by = 'kind, workload, pod_uid, container_id, direction', legend = '{{kind}} {{workload}}';
  local now(title, description, direction) =
    kit.bargauge(title, description, 'percentunit', [kit.now('sort_desc(%s)' % queries.eachOfLimit(flows(direction), by), legend)], none) +
    kit.ratio + kit.coloured(kit.thresholds.neutral);

  kit.row('Workloads (needs --collector.workloads)', [
    kit.line(9, [
      now(
        'Flows opened by workload',
        'Flows by the pod, container or network namespace of this host that opened them, as a share of the limit. `host`: ' +
        'the host itself.',
        'opened'
      ),
      now(
        'Flows received by workload',
        'Flows by the pod, container, systemd unit or network namespace of this host that received them, as a share of ' +
        'the limit.',
        'received'
      ),
    ]),
    kit.line(8, [
      kit.timeseries(
        'Flows opened over time',
        'Flows by the workload that opened them. If one grows without end, the workload does not close its connections.',
        'short',
        [kit.over(flows('opened'), legend)],
        none,
      ) + kit.legendTable,
      kit.timeseries(
        'Flows received over time',
        'Flows by the workload that received them. If one grows without end, the workload does not answer, or is ' +
        'attacked.',
        'short',
        [kit.over(flows('received'), legend)],
        none,
      ) + kit.legendTable,
    ]),
  ], collapsed=true)
)
