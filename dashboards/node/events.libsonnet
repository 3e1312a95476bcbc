// How many flows come and go, and how long they live.
function(kit) (
  local queries = kit.queries, needs = kit.needs;
  local events(event) = queries.rate('conntrack_events_total', 'event="%s"' % event);
  local lifetime(quantile) = 'histogram_quantile(%g, %s)' % [quantile, queries.rate('conntrack_flow_lifetime_seconds_bucket')];

  kit.row('Events (off by default: --collector.events)', [
    kit.line(8, [
      kit.timeseries(
        'New connections',
        'Flows made a second, by protocol. This is connections a second; the counter insert of the kernel is not.',
        'cps',
        [kit.over(events('new'), '{{protocol}}')],
        needs.events
      ) + kit.stacked,
      kit.timeseries(
        'Ended connections',
        'Flows removed a second, by protocol. Fewer than new ones: the table grows. For a while after the start of the ' +
        'exporter too, since flows that are older than it may end unheard.',
        'cps',
        [kit.over(events('destroy'), '{{protocol}}')],
        needs.events
      ) + kit.stacked,
      kit.timeseries(
        'Changed flows',
        'Changes of flows a second: state, status, NAT, mark. What all this costs the kernel is one to three microseconds an ' +
        'event.',
        'cps',
        [kit.over(events('update'), '{{protocol}}')],
        needs.events
      ) + kit.stacked,
    ]),
    kit.line(8, [
      kit.timeseries(
        'Lifetimes of ended flows',
        'How long flows lived, their last timeout included: a lonely UDP packet lives for 30 s, a closed TCP connection for ' +
        'the time of TIME_WAIT.',
        's',
        [kit.over(lifetime(quantile), '{{protocol}} %d %%' % (quantile * 100)) for quantile in [0.5, 0.9, 0.99]],
        needs.lifetimes
      ) + kit.width(16),
      kit.timeseries(
        'Lost events',
        'The receive buffer was full, and the kernel lost events: the figures of this row are too low. Raise ' +
        '--collector.events.buffer-bytes.',
        'short',
        [
          kit.over(queries.increase('conntrack_events_overruns_total'), 'overruns'),
          kit.over(queries.increase('conntrack_events_lost_total'), 'lost events'),
        ],
        needs.events
      ) + kit.width(8),
    ]),
  ], collapsed=true)
)
