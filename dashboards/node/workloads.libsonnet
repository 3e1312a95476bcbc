// Which pods, containers and units of this machine have the flows.
function(kit) (
  local queries = kit.queries, none = 'off: --collector.workloads';
  local flows(direction) = queries.series('conntrack_workload_flows', 'direction="%s"' % direction);
  local by = 'kind, workload, pod_uid, container_id, direction', legend = '{{kind}} {{workload}}';
  local now(title, description, direction) =
    kit.bargauge(title, description, 'percentunit', [kit.now('sort_desc(%s)' % queries.eachOfLimit(flows(direction), by), legend)], none) +
    kit.ratio + kit.coloured(kit.thresholds.neutral);

  kit.row('Workloads (off by default: --collector.workloads)', [
    kit.line(9, [
      now(
        'Opened by, share of the limit',
        'Flows by the pod, container or network namespace of this machine that opened them. host: the machine itself.',
        'opened'
      ),
      now(
        'Received by, share of the limit',
        'Flows by the pod, container, systemd unit or network namespace of this machine that they go to.',
        'received'
      ),
    ]),
    kit.line(8, [
      kit.timeseries(
        'Opened by, over time',
        'One that grows without end opens connections and does not close them.',
        'short',
        [kit.over(flows('opened'), legend)],
        none,
      ) + kit.legendTable,
      kit.timeseries(
        'Received by, over time',
        'One that grows without end does not answer, or is attacked.',
        'short',
        [kit.over(flows('received'), legend)],
        none,
      ) + kit.legendTable,
    ]),
  ], collapsed=true)
)
