// The hosts that stand out, over time.
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
        'Entries as a share of the limit, of the %d fullest hosts. Dashed lines: thresholds of the alerts.' % shown,
        'percentunit',
        [kit.over(top(queries.utilisation), kit.legend)],
        needs.limit,
        ['ConntrackTableUtilisationHigh']
      ) + kit.ratio + kit.coloured(kit.thresholds.above([utilisation.high, utilisation.nearlyFull]), drawn=true) + kit.legendTable,
      kit.timeseries(
        'Packets lost by cause',
        'Packets of new connections that all hosts dropped, by cause. Each cause has its own runbook. "unknown": kernels ' +
        'before 5.10 do not distinguish the causes.',
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
        'Packets lost by host',
        'Packets lost by all causes, of the %d hosts that lose most. Open the host for the causes.' % shown,
        'pps',
        [kit.over(top('(%s) > 0' % queries.lostPackets), kit.legend)],
        'no host loses packets',
        ['ConntrackTableFull', 'ConntrackPacketsRefused']
      ) + kit.legendTable,
      kit.timeseries(
        'New connections',
        'Entries created a second, of the %d busiest hosts. If a table fills up, look for a burst here.' % shown,
        'cps',
        [kit.over(top('sum without (event, protocol) (%s)' % new), kit.legend)],
        needs.events
      ) + kit.legendTable,
    ]),
  ]
)
