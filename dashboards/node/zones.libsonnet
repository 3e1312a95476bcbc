// Conntrack zones: they share the table and its limit.
function(kit) (
  local flows = kit.queries.series('conntrack_flows_by_zone');

  kit.row('Zones', [kit.line(8, [
    kit.timeseries(
      'Flows by zone',
      'All flows, each counted once, by the zone of the original direction; 0 is no zone. The fullest zones have a series ' +
      'each (`--collector.flows.max-zones`), the others are "other". All zones share one limit.',
      'short',
      [kit.over(kit.queries.present(flows, ''), 'zone {{ct_zone}}')],
      kit.needs.flows
    ) + kit.stacked + kit.width(16),
    kit.bargauge(
      'Top zones',
      'Flows of each zone as a share of the limit. A zone that fills the table leaves no room for the others.',
      'percentunit',
      [kit.now('sort_desc(%s)' % kit.queries.eachOfLimit(flows, 'ct_zone'), 'zone {{ct_zone}}')],
      kit.needs.flows
    ) + kit.ratio + kit.coloured(kit.thresholds.neutral) + kit.width(8),
  ])], collapsed=true)
)
