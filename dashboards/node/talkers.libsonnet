// Who holds the table.
function(kit) (
  local queries = kit.queries, alerts = kit.alerts, none = kit.needs.talkers;
  local flows(by, labels='') = queries.series('conntrack_talkers_%s_flows' % by, labels);
  local source = queries.eachOfLimit(flows('source', 'source_address!="other"'), 'source_address');
  local sourceSteps = kit.thresholds.above([alerts.ConntrackSourceHoldsLargeShare]);
  local noPairs = 'off: --collector.talkers.pairs';
  local now(title, description, expr, legend, alerts=[], empty=none) =
    kit.bargauge(title, description, 'percentunit', [kit.now('sort_desc(%s)' % expr, legend)], empty, alerts) +
    kit.ratio + kit.coloured(kit.thresholds.neutral);

  kit.row('Talkers (off by default: --collector.talkers)', [
    kit.line(9, [
      now(
        'Sources, share of the limit',
        'Who opened the most flows, before any translation; IPv6 by /64. One that holds a large share is a scanner, a flood, a ' +
        'broken client, or a proxy that many stand behind.',
        source,
        '{{source_address}}',
        ['ConntrackSourceHoldsLargeShare']
      ) + kit.coloured(sourceSteps),
      now(
        'Destinations, share of the limit',
        'Where the flows go, before any translation. One that stands out is popular, or does not answer.',
        queries.eachOfLimit(flows('destination', 'destination_address!="other"'), 'destination_address'),
        '{{destination_address}}'
      ),
      now(
        'Services, share of the limit',
        'By protocol and destination port. Much DNS or other short questions: do not track them.',
        queries.eachOfLimit(flows('service', 'protocol!="other"'), 'protocol, port'),
        '{{protocol}} {{port}}'
      ),
    ]),
    kit.line(8, [
      kit.timeseries(
        'Sources over time',
        'The same sources, as a share of the limit. One that comes and goes is named only while it is among the first.',
        'percentunit',
        [kit.over(source, '{{source_address}}')],
        none,
        ['ConntrackSourceHoldsLargeShare']
      ) + kit.ratio + kit.coloured(sourceSteps, drawn=true) + kit.legendTable + kit.width(12),
      kit.timeseries(
        'Flows by named network',
        'Flows whose source or destination is in a network that was given a name. Exact.',
        'short',
        [kit.over(flows('class'), '{{direction}} {{class}}')],
        'off: --collector.talkers, and --collector.talkers.class',
      ) + kit.width(8),
      kit.stat(
        'Margin of error',
        'Flows that a shown series may have beyond its figure. 0: all are exact. Sources nearer to each other than this may ' +
        'stand in the wrong order.',
        'short',
        'max without (by) (%s)' % flows('error'),
        'off: --collector.talkers'
      ) + kit.coloured(kit.thresholds.neutral) + kit.width(4),
    ]),
    kit.line(9, [
      now(
        'Pairs, share of the limit',
        'Which source has the most flows to which service of which destination, before any translation.',
        queries.eachOfLimit(flows('pair', 'source!="other"'), 'source, destination, protocol, port'),
        '{{source}} → {{destination}} {{protocol}} {{port}}',
        empty=noPairs
      ),
      now(
        'Backends, share of the limit',
        'Flows that DNAT redirected, by the backend that it chose. One backend that holds far more than its peers of the same ' +
        'service does not answer or does not close.',
        queries.eachOfLimit(flows('backend', 'backend!="other"'), 'destination, protocol, port, backend'),
        '{{destination}} {{protocol}} {{port}} → {{backend}}',
        empty=noPairs
      ),
    ]),
  ], collapsed=true)
)
