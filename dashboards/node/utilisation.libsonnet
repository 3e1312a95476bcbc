// Usage of the table.
function(kit) (
  local queries = kit.queries, alerts = kit.alerts, needs = kit.needs;
  local utilisation = alerts.ConntrackTableUtilisationHigh;

  kit.row('Utilisation', [kit.line(9, [
    kit.timeseries(
      'Entries and limit',
      'Entries, their peak in the last minute (bursts between two scrapes), and the limit. The limit is one value for the ' +
      'host. The kernel compares it with each network namespace separately.',
      'short',
      [
        kit.over(queries.entries, 'entries'),
        kit.over(queries.series('conntrack_entries_peak'), 'peak'),
        kit.over(queries.limit, 'limit'),
      ],
      needs.table,
      ['ConntrackLimitChanged']
    ) + kit.dashed('limit') + kit.override('peak', { 'custom.fillOpacity': 0 }) + kit.width(10),
    kit.timeseries(
      'Usage over time',
      'Entries, their peak and assured flows, which the kernel cannot evict, as a share of the limit. Dashed lines: ' +
      'thresholds of the alerts. Raise the limit, or find in the row Composition what fills the table.',
      'percentunit',
      [
        kit.over(queries.utilisation, 'entries'),
        kit.over(queries.peakUtilisation, 'peak'),
        kit.over(queries.hardFull, 'assured'),
      ],
      needs.limit,
      ['ConntrackTableUtilisationHigh', 'ConntrackTableHardFull']
    ) + kit.ratio + kit.coloured(kit.thresholds.above([utilisation.high, utilisation.nearlyFull]), drawn=true) + kit.width(8),
    kit.timeseries(
      'Expectations',
      'Connections that helpers announced (FTP, SIP and others), as a share of their limit. At 100 % the data connections ' +
      'of these protocols fail, and all others work.',
      'percentunit',
      [kit.over('%s / (%s > 0)' % [
        queries.series('conntrack_expectations'),
        queries.series('conntrack_expectations_limit'),
      ], 'expectations')],
      'needs /proc/net/stat/nf_conntrack, or CAP_NET_ADMIN for ctnetlink',
      ['ConntrackExpectationTableFull']
    ) + kit.ratio + kit.coloured(kit.thresholds.above([alerts.ConntrackExpectationTableFull]), drawn=true) + kit.width(6),
  ])])
)
