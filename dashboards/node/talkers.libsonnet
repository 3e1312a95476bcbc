// The addresses and services with the most flows.
function(kit) (
  local queries = kit.queries, alerts = kit.alerts, none = kit.needs.talkers;
  local flows(by, labels='') = queries.series('conntrack_talkers_%s_flows' % by, labels);
  local source = queries.eachOfLimit(flows('source', 'source_address!="other"'), 'source_address');
  local sourceSteps = kit.thresholds.above([alerts.ConntrackSourceHoldsLargeShare]);
  local noPairs = 'off: needs --collector.talkers.pairs';
  local now(title, description, expr, legend, alerts=[], empty=none) =
    kit.bargauge(title, description, 'percentunit', [kit.now('sort_desc(%s)' % expr, legend)], empty, alerts) +
    kit.ratio + kit.coloured(kit.thresholds.neutral);

  kit.row('Talkers (needs --collector.talkers)', [
    kit.line(9, [
      now(
        'Top sources',
        'Sources with the most flows, before translation, as a share of the limit; IPv6 by /64. A large share may be a ' +
        'scanner, a flood, a broken client, or a proxy with many users.',
        source,
        '{{source_address}}',
        ['ConntrackSourceHoldsLargeShare']
      ) + kit.coloured(sourceSteps),
      now(
        'Top destinations',
        'Destinations with the most flows, before translation, as a share of the limit. One that stands out is popular, ' +
        'or does not answer.',
        queries.eachOfLimit(flows('destination', 'destination_address!="other"'), 'destination_address'),
        '{{destination_address}}'
      ),
      now(
        'Top services',
        'Flows by protocol and destination port, as a share of the limit. If DNS or other short requests fill the table, ' +
        'do not track them (NOTRACK).',
        queries.eachOfLimit(flows('service', 'protocol!="other"'), 'protocol, port'),
        '{{protocol}} {{port}}'
      ),
    ]),
    kit.line(8, [
      kit.timeseries(
        'Top sources over time',
        'The same sources, as a share of the limit. A source has a line only while it is among the top.',
        'percentunit',
        [kit.over(source, '{{source_address}}')],
        none,
        ['ConntrackSourceHoldsLargeShare']
      ) + kit.ratio + kit.coloured(sourceSteps, drawn=true) + kit.legendTable + kit.width(12),
      kit.timeseries(
        'Flows by named network',
        'Flows whose source or destination is in a named network (`--collector.talkers.class`). The values are exact.',
        'short',
        [kit.over(flows('class'), '{{direction}} {{class}}')],
        'off: needs --collector.talkers and --collector.talkers.class',
      ) + kit.width(8),
      kit.stat(
        'Margin of error',
        'The true number of flows may be this much higher than a value; 0 means exact. Sources that differ by less may be in the wrong ' +
        'order.',
        'short',
        'max without (by) (%s)' % flows('error'),
        'off: needs --collector.talkers'
      ) + kit.coloured(kit.thresholds.neutral) + kit.width(4),
    ]),
    kit.line(9, [
      now(
        'Top pairs',
        'Source, destination and service with the most flows, before translation, as a share of the limit.',
        queries.eachOfLimit(flows('pair', 'source!="other"'), 'source, destination, protocol, port'),
        '{{source}} → {{destination}} {{protocol}} {{port}}',
        empty=noPairs
      ),
      now(
        'Top DNAT backends',
        'Flows that DNAT redirected, by backend, as a share of the limit. A backend with far more than others of the same ' +
        'service does not answer, or does not close connections.',
        queries.eachOfLimit(flows('backend', 'backend!="other"'), 'destination, protocol, port, backend'),
        '{{destination}} {{protocol}} {{port}} → {{backend}}',
        empty=noPairs
      ),
    ]),
  ], collapsed=true)
)
