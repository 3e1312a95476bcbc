// What fills the table. Each flow is in exactly one series of a stack, so that the stack is the table.
function(kit) (
  local queries = kit.queries, alerts = kit.alerts, needs = kit.needs;
  local leak = alerts.ConntrackStateLeak;
  local flows(labels='') = queries.series('conntrack_flows', labels);

  kit.row('Composition', [
    kit.line(9, [
      kit.timeseries(
        'Flows by protocol',
        'All flows, each once. The dashed line is the count of entries, which has some that no walk of the table shows: ' +
        'expired ones, and those on their way through.',
        'short',
        [
          kit.over(queries.present(flows(), 'family, flow_state'), '{{protocol}}'),
          kit.over(queries.entries, 'entries'),
        ],
        needs.flows
      ) + kit.stacked + kit.dashed('entries'),
      kit.timeseries(
        'TCP by state',
        'All TCP flows, each once. Much SYN_SENT and SYN_RECV: a flood, or a service that is gone. Much CLOSE_WAIT: an ' +
        'application that does not close. Much TIME_WAIT: many short connections, which is no fault.',
        'short',
        [kit.over(queries.present(flows('protocol="tcp"'), 'family, protocol'), '{{flow_state}}')],
        needs.flows,
        ['ConntrackSynFlood', 'ConntrackAsymmetricRouting', 'ConntrackStateLeak']
      ) + kit.stacked,
      kit.timeseries(
        'All but TCP, by state',
        'All other flows, each once. UNREPLIED: packets one way only, a scan or a service that is gone. ASSURED ones are not ' +
        'evicted.',
        'short',
        [kit.over(queries.present(flows('protocol!="tcp"'), 'family'), '{{protocol}} {{flow_state}}')],
        needs.flows,
        ['ConntrackProtocolFlood']
      ) + kit.stacked,
    ]),
    kit.line(8, [
      kit.timeseries(
        'Half-open TCP',
        ('TCP handshakes that have not ended, as a share of the limit and of all TCP flows. The alert needs both: above %s of ' +
         'the limit, and above %s of TCP.') %
        [kit.percent(alerts.ConntrackSynFlood.above), kit.percent(alerts.ConntrackSynFlood.ofTcpAbove)],
        'percentunit',
        [
          kit.over(queries.halfOpen, 'of the limit'),
          kit.over(queries.halfOpenOfTcp, 'of TCP'),
        ],
        needs.flows,
        ['ConntrackSynFlood', 'ConntrackAsymmetricRouting']
      ) + kit.ratio + kit.coloured(kit.thresholds.above([alerts.ConntrackSynFlood]), drawn=true),
      kit.timeseries(
        'States that should be short',
        'Flows in states that connections only pass through, as a share of the limit. One that stays high is a leak: look at ' +
        'its timeout in the row Lifetimes, and at who holds it.',
        'percentunit',
        [kit.over(
          queries.eachOfLimit('(%s)' % queries.present(flows('flow_state=~"%s"' % leak.states), 'family, protocol'), 'flow_state'),
          '{{flow_state}}'
        )],
        needs.flows,
        ['ConntrackStateLeak']
      ) + kit.ratio + kit.coloured(kit.thresholds.above([leak]), drawn=true),
      kit.timeseries(
        'Flows with a status bit',
        'A flow may have several bits, or none: these lines are no parts of a whole. "assured" is what the kernel does not ' +
        'evict, "snat" and "dnat" what it translates.',
        'short',
        [kit.over(queries.present(queries.series('conntrack_flows_with_status'), 'family, protocol'), '{{status}}')],
        needs.flows,
        ['ConntrackTableHardFull']
      ) + kit.override('assured', { 'custom.lineWidth': 2 }),
      kit.timeseries(
        'Flows by family',
        'All flows, each once, by IPv4 and IPv6.',
        'short',
        [kit.over(queries.present(flows(), 'protocol, flow_state'), '{{family}}')],
        needs.flows
      ) + kit.stacked,
    ]),
  ])
)
