// The chains of the host's hash table, as a walk by BPF counts them.
function(kit) (
  local queries = kit.queries, alerts = kit.alerts, none = kit.needs.bpf;
  local bounds = ['0', '1', '2', '4', '8'];
  local last = std.length(bounds) - 1;
  local names = ['empty', '1', '2', '3 to 4', '5 to 8'];
  // Prometheus has the bounds as 1 or as 1.0, by the format that it was answered in.
  local atMost(i) = queries.series('conntrack_hash_chain_length_bucket', 'le=~"%s|%s.0"' % [bounds[i], bounds[i]]);
  local band(i) = kit.over(
    (if i == 0 then atMost(0) else '(%s - ignoring (le) %s)' % [atMost(i), atMost(i - 1)]) +
    ' / ignoring (le) ' + queries.buckets,
    names[i]
  );

  kit.row('Hash table (with flows read by BPF)', [
    kit.line(9, [
      kit.timeseries(
        'Buckets by length of their chain',
        'Share of the buckets of the host whose chain has so many entries, those of all namespaces. A well sized table has one ' +
        'entry a bucket or less, and no chain of more than eight.',
        'percentunit',
        [band(i) for i in std.range(0, last)] + [kit.over(queries.longChains, 'more than 8')],
        none
      ) + kit.stacked + kit.ratio + kit.width(12),
      kit.timeseries(
        'Load factor',
        'Entries in the mean chain: as counted, of all namespaces, beside the estimate of 2 x entries / buckets, which knows ' +
        'this namespace only. What lies between them are the entries of other namespaces. Above the dashed line raise ' +
        'nf_conntrack_buckets.',
        'none',
        [kit.over(queries.countedChain, 'counted'), kit.over(queries.estimatedChain, 'estimate')],
        none,
        ['ConntrackHashOverloaded', 'ConntrackChainsTooLong']
      ) + kit.coloured(kit.thresholds.above([alerts.ConntrackHashOverloaded.meanChain]), drawn=true) + kit.width(12),
    ]),
    kit.line(8, [
      kit.timeseries(
        'Chains of more than eight',
        'Share of the buckets whose chain is longer than eight. With a short mean chain it means that entries do not spread ' +
        'over the table: look for a source that makes many flows.',
        'percentunit',
        [kit.over(queries.longChains, 'more than eight')],
        none,
        ['ConntrackHashOverloaded']
      ) + kit.coloured(kit.thresholds.above([alerts.ConntrackHashOverloaded.longChains]), drawn=true),
      kit.timeseries(
        'Longest chain',
        'Entries in the longest chain of the host. The kernel drops the packet of a new connection whose chain is too long: 8 ' +
        'to 31 on Linux 5.15, 50 to 79 since 6.1, drawn at random.',
        'none',
        [kit.over(queries.series('conntrack_hash_chain_length_max'), 'longest')],
        none,
        ['ConntrackChainsTooLong']
      ),
      kit.timeseries(
        'Expired entries that hold a place',
        'Entries of this namespace that are over and that the kernel has not removed yet. They count towards the limit, and no ' +
        'list of flows shows them.',
        'short',
        [kit.over(queries.series('conntrack_flows_expired'), 'expired')],
        none
      ),
    ]),
  ], collapsed=true)
)
