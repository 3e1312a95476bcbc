// The machines that stand out, over time.
function(kit) (
  local queries = kit.queries, alerts = kit.alerts, needs = kit.needs;
  local utilisation = alerts.ConntrackTableUtilisationHigh;
  local shown = 10;
  local new = queries.rate('conntrack_events_total', 'event="new"');
  local top(expr) = 'topk(%d, %s)' % [shown, expr];

  [
    kit.line(9, [
      kit.timeseries(
        'Fullest tables',
        'Entries as a share of the limit, of the %d fullest machines. The dashed lines are where the alerts begin.' % shown,
        'percentunit',
        [kit.over(top(queries.utilisation), kit.legend)],
        needs.limit,
        ['ConntrackTableUtilisationHigh']
      ) + kit.ratio + kit.coloured(kit.thresholds.above([utilisation.high, utilisation.nearlyFull]), drawn=true) + kit.legendTable,
      kit.timeseries(
        'Packets lost',
        'Packets of new connections that were dropped, by cause, of all machines together. Each cause has a remedy of its own; ' +
        'the runbooks say which. "unknown" is kernels before 5.10, whose counters do not tell.',
        'pps',
        [
          kit.over('sum(%s)' % queries.lost[cause.name], kit.causeName(cause))
          for cause in kit.causes
        ],
        needs.stat,
        ['ConntrackTableFull', 'ConntrackChainsTooLong', 'ConntrackClashesLost', 'ConntrackPacketsRefused', 'ConntrackPacketsLost']
      ) + kit.stacked,
    ]),
    kit.line(9, [
      kit.timeseries(
        'Machines that lose packets',
        'Packets lost a second, all causes together, of the %d machines that lose most.' % shown,
        'pps',
        [kit.over(top('(%s) > 0' % queries.lostPackets), kit.legend)],
        'no machine loses packets',
        ['ConntrackTableFull', 'ConntrackPacketsRefused']
      ) + kit.legendTable,
      kit.timeseries(
        'New connections',
        'Entries made a second, of the %d busiest machines. A burst here explains a table that fills up.' % shown,
        'cps',
        [kit.over(top('sum without (event, protocol) (%s)' % new), kit.legend)],
        needs.events
      ) + kit.legendTable,
    ]),
  ]
)
