// Where the table is short of room, before packets are lost.
function(kit) (
  local queries = kit.queries, alerts = kit.alerts, needs = kit.needs;

  kit.row('Saturation', [kit.line(8, [
    kit.timeseries(
      'Early drops',
      'Entries that were evicted so that a new one had room. No packet is lost by it, but a connection is forgotten: the table ' +
      'was full. Those that the garbage collector evicts are not counted.',
      'cps',
      [kit.over(queries.counter('early_drop'), 'evicted')],
      needs.stat,
      ['ConntrackEarlyDrops']
    ) + kit.coloured(kit.thresholds.above([alerts.ConntrackEarlyDrops])),
    kit.timeseries(
      'Mean hash chain',
      'Entries that a look-up has to pass, on average. Counted where flows are read by BPF; otherwise 2 x entries / buckets, a ' +
      'lower bound, since other namespaces stand in the same chains. Long chains cost CPU time for every packet: raise ' +
      'nf_conntrack_buckets.',
      'none',
      [kit.over(queries.chain, 'entries in a chain')],
      needs.table,
      ['ConntrackHashOverloaded', 'ConntrackChainsTooLong']
    ) + kit.coloured(kit.thresholds.above([alerts.ConntrackHashOverloaded.meanChain]), drawn=true),
    kit.timeseries(
      'Look-ups begun again',
      'Look-ups that began again because an entry moved to another chain meanwhile (search_restart). It grows with churn; by ' +
      'itself it is nothing to act on.',
      'cps',
      [kit.over(queries.counter('search_restart'), 'search_restart')],
      needs.stat
    ),
    kit.timeseries(
      'Ports found taken',
      'Since Linux 4.9: tuples that NAT tried and found taken, the first sign that source ports run short. Before 4.9 the ' +
      'counter is every successful look-up, and says nothing.',
      'cps',
      [kit.over(queries.counter('found'), 'found')],
      needs.stat,
      ['ConntrackSnatPortsRunningOut']
    ),
  ])])
)
