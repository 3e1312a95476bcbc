// Ports of source NAT.
function(kit) (
  local queries = kit.queries, none = kit.needs.nat, alert = kit.alerts.ConntrackSnatPortsRunningOut;
  local ratio = '%s / ignoring (address, protocol, remote_address, remote_port, ct_zone) group_left () (%s > 0)' % [
    queries.series('conntrack_snat_ports_in_use', 'address!="other"'),
    queries.series('conntrack_snat_ports_available'),
  ];
  local off = 'off: needs --collector.nat';  // the panel is too small for a longer text
  local runbook = ['ConntrackSnatPortsRunningOut'];

  kit.row('Source NAT (needs --collector.nat)', [kit.line(9, [
    kit.timeseries(
      'Busiest port pools',
      'Ports of a NAT address in use towards one remote endpoint, as a share of those available. At 100 % new connections ' +
      'to that endpoint are lost, and all others work. Add addresses, or use fewer connections.',
      'percentunit',
      [kit.over(ratio, '{{protocol}} {{address}} to {{remote_address}}:{{remote_port}}')],
      none,
      runbook
    ) + kit.ratio + kit.coloured(kit.thresholds.above([alert.high, alert.nearlyExhausted]), drawn=true) + kit.legendTable + kit.width(12),
    kit.timeseries(
      'Port pools above a threshold',
      'Number of port pools that use more than this share of their ports, including those not shown on the left.',
      'short',
      [kit.over(queries.series('conntrack_snat_tuples_above'), 'above {{ratio}}')],
      none,
      runbook
    ) + kit.width(6),
    kit.stat(
      'Ports available',
      'Ports of one port pool. Set `--collector.nat.port-range` to the range of the NAT rule: the kernel does not report ' +
      'it.',
      'none',
      queries.series('conntrack_snat_ports_available'),
      off
    ) + kit.coloured(kit.thresholds.neutral) + kit.width(3),
    kit.stat(
      'Margin of error',
      'The true number of ports in use may be this much higher than a value. 0 means exact.',
      'none',
      queries.series('conntrack_snat_error_flows'),
      off
    ) + kit.coloured(kit.thresholds.neutral) + kit.width(3),
  ])], collapsed=true)
)
