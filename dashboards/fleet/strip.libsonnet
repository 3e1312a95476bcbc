// How many machines have which trouble.
function(kit) (
  local queries = kit.queries, thresholds = kit.thresholds, alerts = kit.alerts, needs = kit.needs;
  local utilisation = alerts.ConntrackTableUtilisationHigh, losing = alerts.ConntrackTableFull.losing;
  // 0 where there are machines and none is like that; nothing where there are none.
  local count(expr) = 'sum(%s)' % expr;
  local above(setting) = (
    kit.stat(
      'Above ' + kit.percent(setting.above),
      'Machines whose table is more than %s full. The table below has the fullest first.' % kit.percent(setting.above),
      'none',
      count('%s > bool %g' % [queries.utilisation, setting.above]),
      needs.limit,
      ['ConntrackTableUtilisationHigh']
    ) + kit.coloured(thresholds.any(setting.severity))
  );

  kit.lines(3, 4, [
    kit.exportersUp,
    kit.exportersSilent,
    above(utilisation.high),
    above(utilisation.nearlyFull),
    kit.stat(
      'Losing packets',
      ('Machines that lose more than %g packets of new connections a second now, by whatever cause. The table below has the ' +
       'causes, and the machines that lose less.') % losing.above,
      'none',
      count('%s > bool %g' % [queries.lostPackets, losing.above]),
      needs.stat,
      ['ConntrackTableFull']
    ) + kit.coloured(thresholds.any(losing.severity)),
    kit.stat(
      'Entries of all limits',
      'All entries as a share of all limits: the room that is left in the fleet. One machine can be full while this is low.',
      'percentunit',
      'sum(%s and %s) / sum(%s)' % [queries.entries, queries.limited, queries.limited],
      needs.limit,
      ['ConntrackTableUtilisationHigh']
    ) + kit.coloured(thresholds.above([utilisation.high, utilisation.nearlyFull])) + kit.decimals(1),
    kit.stat(
      'Critical alerts',
      'Firing alerts of this exporter that should wake somebody. 0 too where Prometheus has not loaded the rules.',
      'none',
      'count(%s) or vector(0)' % queries.alertsOf('="critical"'),
      'no answer from Prometheus'
    ) + kit.coloured(thresholds.any('critical')),
    kit.stat(
      'Other alerts',
      'Firing alerts that somebody should look at today, and those that are only for information.',
      'none',
      'count(%s) or vector(0)' % queries.alertsOf('!="critical"'),
      'no answer from Prometheus'
    ) + kit.coloured(thresholds.any('warning')),
  ])
)
