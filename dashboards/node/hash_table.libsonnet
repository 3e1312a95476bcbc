// The chains of the hash table of the host, counted by BPF walks.
function(kit) (
  local queries = kit.queries, alerts = kit.alerts, none = kit.needs.bpf;
  local bounds = ['0', '1', '2', '4', '8'];
  local last = std.length(bounds) - 1;
  local names = ['empty', '1', '2', '3 to 4', '5 to 8'];
  // Prometheus has the bounds as 1 or as 1.0, depending on the format of the scrape.
  local atMost(i) = queries.series('conntrack_hash_chain_length_bucket', 'le=~"%s|%s.0"' % [bounds[i], bounds[i]]);
  local band(i) = kit.over(
    (if i == 0 then atMost(0) else '(%s - ignoring (le) %s)' % [atMost(i), atMost(i - 1)]) +
    ' / ignoring (le) ' + queries.buckets,
    names[i]
  );

  kit.row('Hash table (needs BPF)', [
    kit.line(9, [
      kit.timeseries(
        'Buckets by chain length',
        'Share of the buckets of the host by the length of their chain, with entries of all namespaces. A well-sized ' +
        'table has one entry or less for each bucket, and no chain longer than eight.',
        'percentunit',
        [band(i) for i in std.range(0, last)] + [kit.over(queries.longChains, 'more than 8')],
        none
      ) + kit.stacked + kit.ratio + kit.width(12),
      kit.timeseries(
        'Load factor',
        'Mean chain length: counted (all namespaces), and estimated as 2 x entries / buckets (this namespace only). The ' +
        'difference is entries of other namespaces. Above the dashed line, raise `nf_conntrack_buckets`.',
        'none',
        [kit.over(queries.countedChain, 'counted'), kit.over(queries.estimatedChain, 'estimate')],
        none,
        ['ConntrackHashOverloaded', 'ConntrackChainsTooLong']
      ) + kit.coloured(kit.thresholds.above([alerts.ConntrackHashOverloaded.meanChain]), drawn=true) + kit.width(12),
    ]),
    kit.line(8, [
      kit.timeseries(
        'Chains longer than eight',
        'Share of the buckets with a chain longer than eight. If the mean chain is short, entries do not spread over the ' +
        'table: look for a source with many flows.',
        'percentunit',
        [kit.over(queries.longChains, 'more than 8')],
        none,
        ['ConntrackHashOverloaded']
      ) + kit.coloured(kit.thresholds.above([alerts.ConntrackHashOverloaded.longChains]), drawn=true),
      kit.timeseries(
        'Longest chain',
        'Entries in the longest chain of the host. The kernel drops the packet of a new connection if its chain is too ' +
        'long. The maximum is random: 8 to 31 on Linux 5.15, 50 to 79 since 6.1.',
        'none',
        [kit.over(queries.series('conntrack_hash_chain_length_max'), 'longest')],
        none,
        ['ConntrackChainsTooLong']
      ),
      kit.timeseries(
        'Expired entries',
        'Entries of this namespace that have expired and that the kernel has not removed yet. They count towards the ' +
        'limit. No list of flows shows them.',
        'short',
        [kit.over(queries.series('conntrack_flows_expired'), 'expired')],
        none
      ),
    ]),
  ], collapsed=true)
)
