// Ports of source NAT.
function(kit) (
  local queries = kit.queries, none = kit.needs.nat, alert = kit.alerts.ConntrackSnatPortsRunningOut;
  local ratio = '%s / ignoring (address, protocol, remote_address, remote_port, ct_zone) group_left () (%s > 0)' % [
    queries.series('conntrack_snat_ports_in_use', 'address!="other"'),
    queries.series('conntrack_snat_ports_available'),
  ];
  local off = 'off: --collector.nat';  // where there is no room for more
  local runbook = ['ConntrackSnatPortsRunningOut'];

  kit.row('SNAT pressure (off by default: --collector.nat)', [kit.line(9, [
    kit.timeseries(
      'Busiest tuples',
      'Ports of a gateway address that are in use towards one remote endpoint, of those available. At 100 % new connections to ' +
      'that endpoint are lost while all others work: add addresses, or use fewer connections.',
      'percentunit',
      [kit.over(ratio, '{{protocol}} {{address}} to {{remote_address}}:{{remote_port}}')],
      none,
      runbook
    ) + kit.ratio + kit.coloured(kit.thresholds.above([alert.high, alert.nearlyExhausted]), drawn=true) + kit.legendTable + kit.width(12),
    kit.timeseries(
      'Tuples above a share',
      'How many tuples use more than that share of their ports, whether they are shown or not.',
      'short',
      [kit.over(queries.series('conntrack_snat_tuples_above'), 'above {{ratio}}')],
      none,
      runbook
    ) + kit.width(6),
    kit.stat(
      'Ports available',
      'Ports that one tuple can use: --collector.nat.port-range, which has to be what the NAT rule says. No figure of the ' +
      'kernel tells it.',
      'none',
      queries.series('conntrack_snat_ports_available'),
      off
    ) + kit.coloured(kit.thresholds.neutral) + kit.width(3),
    kit.stat(
      'Margin of error',
      'Ports that a shown tuple may have in use beyond its figure. 0: all are exact.',
      'none',
      queries.series('conntrack_snat_error_flows'),
      off
    ) + kit.coloured(kit.thresholds.neutral) + kit.width(3),
  ])], collapsed=true)
)
