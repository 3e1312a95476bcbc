// Signs of a table that is short of room, before packets are lost.
function(kit) (
  local queries = kit.queries, alerts = kit.alerts, needs = kit.needs;

  kit.row('Saturation', [kit.line(8, [
    kit.timeseries(
      'Evictions (early drops)',
      'Entries evicted because the table was full and a new entry needed room. No packet is lost, but a connection is ' +
      'forgotten. Evictions by the garbage collector are not counted.',
      'cps',
      [kit.over(queries.counter('early_drop'), 'evicted')],
      needs.stat,
      ['ConntrackEarlyDrops']
    ) + kit.coloured(kit.thresholds.above([alerts.ConntrackEarlyDrops])),
    kit.timeseries(
      'Mean chain length',
      'Entries that a lookup passes on average: counted with BPF, otherwise 2 x entries / buckets, a lower bound that ' +
      'leaves out other namespaces. Long chains cost CPU time for every packet. Above the dashed line, raise ' +
      '`nf_conntrack_buckets`.',
      'none',
      [kit.over(queries.chain, 'mean chain')],
      needs.table,
      ['ConntrackHashOverloaded', 'ConntrackChainsTooLong']
    ) + kit.coloured(kit.thresholds.above([alerts.ConntrackHashOverloaded.meanChain]), drawn=true),
    kit.timeseries(
      'Restarted lookups',
      'Lookups that restarted because an entry moved to another chain (`search_restart`). The rate grows with churn. By ' +
      'itself it needs no action.',
      'cps',
      [kit.over(queries.counter('search_restart'), 'search_restart')],
      needs.stat
    ),
    kit.timeseries(
      'NAT ports already in use',
      'Tuples that NAT tried and found in use (`found`, since Linux 4.9): the first sign of too few source ports. Before ' +
      '4.9 the counter is every successful lookup: ignore it.',
      'cps',
      [kit.over(queries.counter('found'), 'found')],
      needs.stat,
      ['ConntrackSnatPortsRunningOut']
    ),
  ])])
)
