// What fills the table. Each flow is in exactly one series of a stack, so the stack is the table.
function(kit) (
  local queries = kit.queries, alerts = kit.alerts, needs = kit.needs;
  local leak = alerts.ConntrackStateLeak;
  local flows(labels='') = queries.series('conntrack_flows', labels);

  kit.row('Composition', [
    kit.line(9, [
      kit.timeseries(
        'Flows by protocol',
        'All flows, each counted once. The dashed line is the entries. They include expired and unconfirmed ones, which a ' +
        'walk does not return.',
        'short',
        [
          kit.over(queries.present(flows(), 'family, flow_state'), '{{protocol}}'),
          kit.over(queries.entries, 'entries'),
        ],
        needs.flows
      ) + kit.stacked + kit.dashed('entries'),
      kit.timeseries(
        'TCP flows by state',
        'All TCP flows, each counted once. Many in SYN_SENT and SYN_RECV: a flood or a dead service; in CLOSE_WAIT: an ' +
        'application does not close connections. Many in TIME_WAIT are normal with short connections.',
        'short',
        [kit.over(queries.present(flows('protocol="tcp"'), 'family, protocol'), '{{flow_state}}')],
        needs.flows,
        ['ConntrackSynFlood', 'ConntrackAsymmetricRouting', 'ConntrackStateLeak']
      ) + kit.stacked,
      kit.timeseries(
        'Non-TCP flows by state',
        'All other flows, each counted once. UNREPLIED: packets in one direction only, a scan or a dead service. The ' +
        'kernel does not evict ASSURED flows.',
        'short',
        [kit.over(queries.present(flows('protocol!="tcp"'), 'family'), '{{protocol}} {{flow_state}}')],
        needs.flows,
        ['ConntrackProtocolFlood']
      ) + kit.stacked,
    ]),
    kit.line(8, [
      kit.timeseries(
        'Half-open TCP over time',
        ('Incomplete TCP handshakes as a share of the limit and of all TCP flows. The alert needs both: above %s of the limit, and ' +
         'above %s of TCP. Run `conntrack -L -p tcp --state SYN_SENT` to see the sources.') %
        [kit.percent(alerts.ConntrackSynFlood.above), kit.percent(alerts.ConntrackSynFlood.ofTcpAbove)],
        'percentunit',
        [
          kit.over(queries.halfOpen, 'share of the limit'),
          kit.over(queries.halfOpenOfTcp, 'share of TCP'),
        ],
        needs.flows,
        ['ConntrackSynFlood', 'ConntrackAsymmetricRouting']
      ) + kit.ratio + kit.coloured(kit.thresholds.above([alerts.ConntrackSynFlood]), drawn=true),
      kit.timeseries(
        'Short-lived states',
        'Flows in states that connections only pass through, as a share of the limit. A state that stays high is a leak. ' +
        'Check its timeout in the row Lifetimes, and which program holds the connections.',
        'percentunit',
        [kit.over(
          queries.eachOfLimit('(%s)' % queries.present(flows('flow_state=~"%s"' % leak.states), 'family, protocol'), 'flow_state'),
          '{{flow_state}}'
        )],
        needs.flows,
        ['ConntrackStateLeak']
      ) + kit.ratio + kit.coloured(kit.thresholds.above([leak]), drawn=true),
      kit.timeseries(
        'Flows by status',
        'A flow may have several status bits or none: the lines do not add up. `assured`: the kernel does not evict it. ' +
        '`snat`, `dnat`: the kernel translates it.',
        'short',
        [kit.over(queries.present(queries.series('conntrack_flows_with_status'), 'family, protocol'), '{{status}}')],
        needs.flows,
        ['ConntrackTableHardFull']
      ) + kit.override('assured', { 'custom.lineWidth': 2 }),
      kit.timeseries(
        'Flows by family',
        'All flows, each counted once: IPv4 and IPv6.',
        'short',
        [kit.over(queries.present(flows(), 'protocol, flow_state'), '{{family}}')],
        needs.flows
      ) + kit.stacked,
    ]),
  ])
)
