// Conntrack zones: tables within the table.
function(kit) (
  local flows = kit.queries.series('conntrack_flows_by_zone');

  kit.row('Zones', [kit.line(8, [
    kit.timeseries(
      'Flows by zone',
      'All flows, each once, by the zone of their original direction; 0 is no zone. The fullest zones have a series each ' +
      '(--collector.flows.max-zones), the rest is "other". All zones share one limit.',
      'short',
      [kit.over(kit.queries.present(flows, ''), 'zone {{ct_zone}}')],
      kit.needs.flows
    ) + kit.stacked + kit.width(16),
    kit.bargauge(
      'Zones, share of the limit',
      'How much of the limit each zone takes now. One that fills the table takes the room of all others.',
      'percentunit',
      [kit.now('sort_desc(%s)' % kit.queries.eachOfLimit(flows, 'ct_zone'), 'zone {{ct_zone}}')],
      kit.needs.flows
    ) + kit.ratio + kit.coloured(kit.thresholds.neutral) + kit.width(8),
  ])], collapsed=true)
)
