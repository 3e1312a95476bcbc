// How many hosts have which problem.
function(kit) (
  local queries = kit.queries, thresholds = kit.thresholds, alerts = kit.alerts, needs = kit.needs;
  local utilisation = alerts.ConntrackTableUtilisationHigh, losing = alerts.ConntrackTableFull.losing;
  // 0 if there are hosts and none has the problem; nothing if there are no hosts.
  local count(expr) = 'sum(%s)' % expr;
  local above(setting) = (
    kit.stat(
      'Hosts above ' + kit.percent(setting.above),
      'Hosts with more than %s of the limit in use. The table below lists the fullest first.' % kit.percent(setting.above),
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
      'Hosts losing packets',
      ('Hosts that lose more than %g packets of new connections a second, by any cause. The table below shows the causes, and ' +
       'the hosts that lose less.') % losing.above,
      'none',
      count('%s > bool %g' % [queries.lostPackets, losing.above]),
      needs.stat,
      ['ConntrackTableFull']
    ) + kit.coloured(thresholds.any(losing.severity)),
    kit.stat(
      'Usage of all hosts',
      'All entries as a share of all limits. One host can be full while this is low.',
      'percentunit',
      'sum(%s and %s) / sum(%s)' % [queries.entries, queries.limited, queries.limited],
      needs.limit,
      ['ConntrackTableUtilisationHigh']
    ) + kit.coloured(thresholds.above([utilisation.high, utilisation.nearlyFull])) + kit.decimals(1),
    kit.stat(
      'Critical alerts',
      'Firing critical alerts of this exporter. Open their runbooks now. Also 0 if Prometheus has not loaded the rules.',
      'none',
      'count(%s) or vector(0)' % queries.alertsOf('="critical"'),
      'no answer from Prometheus'
    ) + kit.coloured(thresholds.any('critical')),
    kit.stat(
      'Other alerts',
      'Firing alerts that are not critical. Look at warnings today; the others are for information.',
      'none',
      'count(%s) or vector(0)' % queries.alertsOf('!="critical"'),
      'no answer from Prometheus'
    ) + kit.coloured(thresholds.any('warning')),
  ])
)
