// The state of the machine, in a glance.
function(kit) (
  local queries = kit.queries, thresholds = kit.thresholds, alerts = kit.alerts, needs = kit.needs;

  kit.lines(3, 4, [
    kit.stat(
      'Usage',
      'Entries as a share of the limit, now. At 100 % the kernel refuses new connections, unless it can evict an entry.',
      'percentunit',
      queries.utilisation,
      needs.limit,
      ['ConntrackTableUtilisationHigh']
    ) + kit.coloured(thresholds.above([alerts.ConntrackTableUtilisationHigh.high, alerts.ConntrackTableUtilisationHigh.nearlyFull]))
    + kit.decimals(1),
    kit.stat(
      'Full in',
      ('When the table reaches its limit if it grows on as it did lately. A guess, and none is made below a usage of %s: an ' +
       'emptier table may grow as it likes.') % kit.percent(alerts.ConntrackTableFillingUp.above),
      's',
      queries.timeToFull,
      'not soon',
      ['ConntrackTableFillingUp']
    ) + kit.coloured(thresholds.below(alerts.ConntrackTableFillingUp.severity, alerts.ConntrackTableFillingUp.within)),
    kit.stat(
      'Packets lost',
      'Packets of new connections that are dropped, a second, by all causes. The row Errors has the causes.',
      'pps',
      queries.lostPackets,
      needs.stat,
      ['ConntrackTableFull', 'ConntrackPacketsRefused', 'ConntrackPacketsLost']
    ) + kit.coloured(kit.lossSteps(alerts.ConntrackTableFull.losing)),
    kit.stat(
      'Hard full',
      'ASSURED flows as a share of the limit: connections that the kernel never evicts. What they leave is all the room there ' +
      'is, whatever else gives way.',
      'percentunit',
      queries.hardFull,
      needs.flows,
      ['ConntrackTableHardFull']
    ) + kit.coloured(thresholds.above([alerts.ConntrackTableHardFull])) + kit.decimals(1),
    kit.stat(
      'Half open',
      'TCP handshakes that have not ended, as a share of the limit. Many are a SYN flood, a service that does not answer, or ' +
      'asymmetric routing.',
      'percentunit',
      queries.halfOpen,
      needs.flows,
      ['ConntrackSynFlood', 'ConntrackAsymmetricRouting']
    ) + kit.coloured(thresholds.above([alerts.ConntrackSynFlood])) + kit.decimals(1),
    kit.stat(
      'Lost at the next boot',
      'Settings that the next boot changes, or that a file sets in vain. The row Settings names them, with file and reason.',
      'none',
      'sum without (setting) (%s)' % queries.series('conntrack_setting_drift'),
      needs.persistence,
      ['ConntrackSettingsNotPersistent']
    ) + kit.coloured(thresholds.any(alerts.ConntrackSettingsNotPersistent.severity)),
    kit.stat(
      'Firing alerts',
      'Alerts of this exporter that fire for this machine. 0 too where Prometheus has not loaded the rules.',
      'none',
      'count(%s) or vector(0)' % queries.alerts,
      'no answer from Prometheus'
    ) + kit.coloured(thresholds.any('warning')),
    kit.stat(
      'Collectors that fail',
      'What they measure is missing here. `conntrack_exporter check` on the machine says why, and what to do.',
      'none',
      'sum without (collector) (%s)' % queries.failing,
      'no exporter here',
      ['ConntrackCollectorFailed']
    ) + kit.coloured(thresholds.any(alerts.ConntrackCollectorFailed.severity)),
  ])
)
