// How much of the table is in use.
function(kit) (
  local queries = kit.queries, alerts = kit.alerts, needs = kit.needs;
  local utilisation = alerts.ConntrackTableUtilisationHigh;

  kit.row('Utilisation', [kit.line(9, [
    kit.timeseries(
      'Entries and limit',
      'Entries in the table, their highest count of the last minute (bursts between two scrapes), and the limit. The limit is ' +
      'one number for the host, compared with each network namespace by itself.',
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
      'Share of the limit',
      'How full the table is: entries, their peak, and the ASSURED flows that the kernel cannot evict. The dashed lines are ' +
      'where the alerts begin. Raise the limit, or find out below what fills it.',
      'percentunit',
      [
        kit.over(queries.utilisation, 'entries'),
        kit.over(queries.peakUtilisation, 'peak'),
        kit.over(queries.hardFull, 'ASSURED'),
      ],
      needs.limit,
      ['ConntrackTableUtilisationHigh', 'ConntrackTableHardFull']
    ) + kit.ratio + kit.coloured(kit.thresholds.above([utilisation.high, utilisation.nearlyFull]), drawn=true) + kit.width(8),
    kit.timeseries(
      'Expectations, share of their limit',
      'Connections that helpers have announced (FTP, SIP, ...). At the limit the data connections of these protocols fail, ' +
      'while all others work.',
      'percentunit',
      [kit.over('%s / (%s > 0)' % [
        queries.series('conntrack_expectations'),
        queries.series('conntrack_expectations_limit'),
      ], 'expectations')],
      'cannot be read: needs ctnetlink or /proc/net/stat/nf_conntrack',
      ['ConntrackExpectationTableFull']
    ) + kit.ratio + kit.coloured(kit.thresholds.above([alerts.ConntrackExpectationTableFull]), drawn=true) + kit.width(6),
  ])])
)
