// The state of the host at a glance.
function(kit) (
  local queries = kit.queries, thresholds = kit.thresholds, alerts = kit.alerts, needs = kit.needs;

  kit.lines(3, 4, [
    kit.stat(
      'Usage',
      'Entries as a share of the limit. At 100 % the kernel drops packets of new connections, unless it can evict an ' +
      'entry. Run `conntrack_exporter report` on the host.',
      'percentunit',
      queries.utilisation,
      needs.limit,
      ['ConntrackTableUtilisationHigh']
    ) + kit.coloured(thresholds.above([alerts.ConntrackTableUtilisationHigh.high, alerts.ConntrackTableUtilisationHigh.nearlyFull]))
    + kit.decimals(1),
    kit.stat(
      'Full in',
      ('Time until the table reaches its limit at the recent growth. This is an estimate. Below a usage of %s there is none.') %
      kit.percent(alerts.ConntrackTableFillingUp.above),
      's',
      queries.timeToFull,
      'not growing, or below ' + kit.percent(alerts.ConntrackTableFillingUp.above),
      ['ConntrackTableFillingUp']
    ) + kit.coloured(thresholds.below(alerts.ConntrackTableFillingUp.severity, alerts.ConntrackTableFillingUp.within)),
    kit.stat(
      'Packets lost',
      'Packets of new connections dropped, by all causes. The row Errors shows the causes.',
      'pps',
      queries.lostPackets,
      needs.stat,
      ['ConntrackTableFull', 'ConntrackPacketsRefused', 'ConntrackPacketsLost']
    ) + kit.coloured(kit.lossSteps(alerts.ConntrackTableFull.losing)),
    kit.stat(
      'Assured flows',
      'Assured flows as a share of the limit: the kernel never evicts them. Only the rest of the limit has room for new ' +
      'connections.',
      'percentunit',
      queries.hardFull,
      needs.flows,
      ['ConntrackTableHardFull']
    ) + kit.coloured(thresholds.above([alerts.ConntrackTableHardFull])) + kit.decimals(1),
    kit.stat(
      'Half-open TCP',
      'Incomplete TCP handshakes as a share of the limit. Many of them: a SYN flood, a dead service, or asymmetric routing.',
      'percentunit',
      queries.halfOpen,
      needs.flows,
      ['ConntrackSynFlood', 'ConntrackAsymmetricRouting']
    ) + kit.coloured(thresholds.above([alerts.ConntrackSynFlood])) + kit.decimals(1),
    kit.stat(
      'Settings lost at the next boot',
      'Settings that the next boot changes, or that a file sets without effect. The row Settings names them, with the ' +
      'file and the reason.',
      'none',
      'sum without (setting) (%s)' % queries.series('conntrack_setting_drift'),
      needs.persistence,
      ['ConntrackSettingsNotPersistent']
    ) + kit.coloured(thresholds.any(alerts.ConntrackSettingsNotPersistent.severity)),
    kit.stat(
      'Firing alerts',
      'Firing alerts of this exporter for this host. Also 0 if Prometheus has not loaded the rules.',
      'none',
      'count(%s) or vector(0)' % queries.alerts,
      'no answer from Prometheus'
    ) + kit.coloured(thresholds.any('warning')),
    kit.stat(
      'Failed collectors',
      'Their metrics are missing on this dashboard. Run `conntrack_exporter check` on the host for the reason and the ' +
      'remedy.',
      'none',
      'sum without (collector) (%s)' % queries.failing,
      needs.exporter,
      ['ConntrackCollectorFailed']
    ) + kit.coloured(thresholds.any(alerts.ConntrackCollectorFailed.severity)),
  ])
)
