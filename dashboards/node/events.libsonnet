// Rates of new and ended flows, and their lifetimes.
function(kit) (
  local queries = kit.queries, needs = kit.needs;
  local events(event) = queries.rate('conntrack_events_total', 'event="%s"' % event);
  local lifetime(quantile) = 'histogram_quantile(%g, %s)' % [quantile, queries.rate('conntrack_flow_lifetime_seconds_bucket')];

  kit.row('Events (needs --collector.events)', [
    kit.line(8, [
      kit.timeseries(
        'New connections',
        'Flows created a second, by protocol. Use this for connections a second, and not the kernel counter `insert`.',
        'cps',
        [kit.over(events('new'), '{{protocol}}')],
        needs.events
      ) + kit.stacked,
      kit.timeseries(
        'Ended connections',
        'Flows removed a second, by protocol. If fewer end than start, the table grows. For a while after a start of the ' +
        'exporter the rate is too low, because ends of older flows may be missing.',
        'cps',
        [kit.over(events('destroy'), '{{protocol}}')],
        needs.events
      ) + kit.stacked,
      kit.timeseries(
        'Updated flows',
        'Changes of flows a second: state, status, NAT, mark. Each event costs the kernel one to three microseconds.',
        'cps',
        [kit.over(events('update'), '{{protocol}}')],
        needs.events
      ) + kit.stacked,
    ]),
    kit.line(8, [
      kit.timeseries(
        'Lifetimes of ended flows',
        'How long flows lived, including their last timeout. A single UDP packet lives for 30 s, a closed TCP connection ' +
        'for the timeout of TIME_WAIT.',
        's',
        [kit.over(lifetime(quantile), '{{protocol}} %d %%' % (quantile * 100)) for quantile in [0.5, 0.9, 0.99]],
        needs.lifetimes
      ) + kit.width(16),
      kit.timeseries(
        'Lost events',
        'The receive buffer was full, and the kernel dropped events. The values of this row are too low. Raise ' +
        '`--collector.events.buffer-bytes`.',
        'short',
        [
          kit.over(queries.increase('conntrack_events_overruns_total'), 'overruns'),
          kit.over(queries.increase('conntrack_events_lost_total'), 'lost'),
        ],
        needs.events
      ) + kit.width(8),
    ]),
  ], collapsed=true)
)
