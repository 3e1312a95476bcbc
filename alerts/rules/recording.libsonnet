// What alerts, dashboards and people query often, computed once. Names are level:metric:operations, Prometheus's convention.
function(words, config) (
  local series = words.series, rate = words.rate, lately = words.lately;
  local record(name, expr, labels={}) = { record: name, expr: expr, [if labels != {} then 'labels']: labels };
  local limit = '(%s > 0)' % series('conntrack_entries_limit');  // 0 is "no limit" before Linux 6.19, and has no share
  local tcp = 'sum without (family, protocol, flow_state) (%s)' % series('conntrack_flows', 'protocol="tcp"');
  local halfOpen = 'sum without (family, protocol, flow_state) (%s)' % series(
    'conntrack_flows',
    'protocol="tcp", flow_state=~"SYN_SENT|SYN_SENT2|SYN_RECV"'
  );
  local synSent = 'sum without (family, protocol, flow_state) (%s)' % series(
    'conntrack_flows',
    'protocol="tcp", flow_state="SYN_SENT"'
  );
  local machines = std.join(', ', config.machineLabels);
  local fleet(operation, expr) = '%s without (%s) (%s)\n' % [operation, machines, expr];

  local instance = [
    record('instance:conntrack_entries_per_limit:ratio', '%s / %s\n' % [series('conntrack_entries'), limit]),
    record('instance:conntrack_entries_peak_per_limit:ratio', '%s / %s\n' % [series('conntrack_entries_peak'), limit]),
    // The kernel never evicts ASSURED flows to make room.
    record('instance:conntrack_assured_per_limit:ratio', |||
      sum without (family, protocol, status) (%s)
        / %s
    ||| % [series('conntrack_flows_with_status', 'status="assured"'), limit]),
    record('instance:conntrack_flows_per_limit:ratio', |||
      sum without (family, protocol) (%s)
        / ignoring (flow_state) group_left () %s
    ||| % [series('conntrack_flows'), limit]),
    // Flows without an answer. TCP has ratios of its own. All ICMP flows count, as hosts answer a flood of echo requests.
    record('instance:conntrack_one_way_flows_per_limit:ratio', |||
      (
        sum without (family, status) (%(unreplied)s)
        or sum without (family, flow_state) (%(icmp)s)
      )
        / ignoring (protocol) group_left () %(limit)s
    ||| % {
      unreplied: series('conntrack_flows_with_status', 'protocol!~"tcp|icmp|icmpv6", status="unreplied"'),
      icmp: series('conntrack_flows', 'protocol=~"icmp|icmpv6"'),
      limit: limit,
    }),
    record('instance:conntrack_tcp_half_open_per_limit:ratio', |||
      %s
        / %s
    ||| % [halfOpen, limit]),
    record('instance:conntrack_tcp_half_open_per_tcp:ratio', |||
      %s
        / (%s > 0)
    ||| % [halfOpen, tcp]),
    record('instance:conntrack_syn_sent_per_half_open:ratio', |||
      %s
        / (%s > 0)
    ||| % [synSent, halfOpen]),
    // UNREPLIED and not waiting for a SYN/ACK: picked up in the middle.
    record('instance:conntrack_tcp_picked_up_per_limit:ratio', |||
      clamp_min(
        sum without (family, protocol, status) (%s)
          - %s,
        0)
        / %s
    ||| % [series('conntrack_flows_with_status', 'protocol="tcp", status="unreplied"'), synSent, limit]),
    record('instance:conntrack_talkers_source_flows_per_limit:ratio', |||
      %s
        / ignoring (source_address) group_left () %s
    ||| % [series('conntrack_talkers_source_flows', 'source_address!="other"'), limit]),
    record('instance:conntrack_snat_ports_in_use_per_available:ratio', |||
      %s
        / ignoring (address, protocol, remote_address, remote_port, ct_zone) group_left ()
          (%s > 0)
    ||| % [series('conntrack_snat_ports_in_use', 'address!="other"'), series('conntrack_snat_ports_available')]),
    record('instance:conntrack_expectations_per_limit:ratio', '%s / (%s > 0)\n' % [
      series('conntrack_expectations'),
      series('conntrack_expectations_limit'),
    ]),
    // Counted where flows are read by BPF. Otherwise a lower bound: each entry is in the hash table twice, and those of other
    // namespaces are in it too. The histogram is a snapshot and does not accumulate, so there is no rate().
    record('instance:conntrack_hash_chain:mean', |||
      %(sum)s / (%(count)s > 0)
      or
      2 * %(entries)s / (%(buckets)s > 0)
    ||| % {
      sum: series('conntrack_hash_chain_length_sum'),
      count: series('conntrack_hash_chain_length_count'),
      entries: series('conntrack_entries'),
      buckets: series('conntrack_hash_buckets'),
    }),
    // Buckets above the last bound, which is 8. No matcher for that bound: the formats write its `le` differently.
    record('instance:conntrack_hash_long_chains:ratio', |||
      (%(count)s - max without (le) (%(bounded)s))
        / (%(count)s > 0)
    ||| % {
      count: series('conntrack_hash_chain_length_count'),
      bounded: series('conntrack_hash_chain_length_bucket', 'le!="+Inf"'),
    }),
  ];

  local rates = [
    // Not lost: they pass untracked, unless a rule drops state INVALID.
    record('instance:conntrack_not_tracked_packets:rate5m', rate('conntrack_stat_invalid_total') + '\n'),
    // INVALID packets for each new flow in SYN_SENT. Flows stay there until the timeout, so flows / timeout are new each second.
    record('instance:conntrack_invalid_per_syn_sent:ratio', |||
      %s
        * sum without (protocol, flow_state) (%s)
        / (%s > 0)
    ||| % [
      series('instance:conntrack_not_tracked_packets:rate5m'),
      series('conntrack_timeout_seconds', 'protocol="tcp", flow_state="SYN_SENT"'),
      synSent,
    ]),
    record('instance:conntrack_new_flows:rate5m', 'sum without (event, protocol) (rate(%s[%s]))\n' % [
      series('conntrack_events_total', 'event="new"'),
      words.duration(config.rateWindow),
    ]),
  ] + [
    record('instance:conntrack_stat_%s:rate5m' % counter, rate('conntrack_stat_%s_total' % counter) + '\n')
    for counter in ['early_drop', 'clash_resolve', 'found', 'search_restart']
  ];

  // Packets lost, by cause: the rate over the window of all rates, and the number within the time that a loss is remembered.
  local window = words.duration(config.rateWindow), memory = words.duration(config.lossMemory);
  local loss(suffix, time, grown) = (
    local dropped = series('instance:conntrack_stat_drop:' + suffix),
          failed = series('instance:conntrack_stat_insert_failed:' + suffix),
          chains = series('instance:conntrack_stat_chain_toolong:' + suffix),
          resolved = 'sum without (cpu) (last_over_time(%s[%s]))' % [series('conntrack_stat_clash_resolve_total'), time],
          lost = 'instance:conntrack_lost_packets:' + suffix;
    [
      record('instance:conntrack_stat_%s:%s' % [counter, suffix], grown(series('conntrack_stat_%s_total' % counter)))
      for counter in ['drop', 'insert_failed', 'chain_toolong']
    ] + [
      // docs/metrics.md, "Loss by cause", explains these differences. They are clamped at 0, as the counters are read one after
      // another. Older kernels, which have no clash_resolve, do not tell the causes apart.
      record(lost, chains + '\n', { cause: 'chain_too_long' }),
      record(lost, |||
        clamp_min(
          %(failed)s
            - (%(chains)s or 0 * %(failed)s),
          0)
        and %(resolved)s
      ||| % { failed: failed, chains: chains, resolved: resolved }, { cause: 'unresolved_clash' }),
      record(lost, |||
        clamp_min(
          %s
            - ignoring (cause) %s,
          0)
      ||| % [dropped, series(lost, 'cause="unresolved_clash"')], { cause: 'table_full' }),
      record(lost, '%s unless %s\n' % [dropped, resolved], { cause: 'unknown' }),
    ]
  );
  // These counters are subtracted from one another. rate() extrapolates each to the ends of the range, less far for a counter near
  // 0, and the difference of two extrapolations would be a loss that never happened. delta() extrapolates all alike, but does not
  // handle counter resets (a boot).
  local grownAlike(counter, window, perSecond, otherwise) = |||
    (
      sum without (cpu) (delta(%(counter)s[%(window)s]))%(perSecond)s
      unless
        sum without (cpu) (resets(%(drop)s[%(window)s]))
          + sum without (cpu) (resets(%(failed)s[%(window)s])) > 0
    )
    or sum without (cpu) (%(otherwise)s(%(counter)s[%(window)s]))
  ||| % {
    counter: counter,
    window: window,
    perSecond: perSecond,
    otherwise: otherwise,
    drop: series('conntrack_stat_drop_total'),
    failed: series('conntrack_stat_insert_failed_total'),
  };
  local lately5m = loss('rate5m', window, function(counter)
    grownAlike(counter, window, ' / ' + words.number(words.seconds(config.rateWindow)), 'rate'));
  local remembered = loss('increase70m', memory, function(counter) grownAlike(counter, memory, '', 'increase'));
  // When the last packet was lost, to within the window of the rates. A loss in a gap of scrapes gets the time of the first scrape
  // after it, or of an earlier loss that is still remembered.
  local lastLoss = (
    local name = 'instance:conntrack_lost_packets:last_timestamp_seconds';
    [record(name, |||
      0 * (%(now)s > 0) + time()
      or last_over_time(%(itself)s[%(memory)s]) > time() - %(seconds)s
      or 0 * (%(past)s > 0) + time()
    ||| % {
      now: series('instance:conntrack_lost_packets:rate5m'),
      past: series('instance:conntrack_lost_packets:increase70m'),
      itself: series(name),
      memory: memory,
      seconds: words.number(words.seconds(config.lossMemory)),
    })]
  );

  local job = [
    record('job:conntrack_entries:sum', fleet('sum', series('conntrack_entries'))),
    record('job:conntrack_entries_limit:sum', fleet('sum', series('conntrack_entries_limit'))),
    // A ratio of sums: a mean of ratios would weigh an idle machine as much as a busy one. Machines without a limit are left out.
    record('job:conntrack_entries_per_limit:ratio', fleet('sum', '%s and %s' % [series('conntrack_entries'), limit]) +
                                                    '  / ' + fleet('sum', series('conntrack_entries_limit') + ' > 0')),
    record('job:conntrack_entries_per_limit:max', fleet('max', series('instance:conntrack_entries_per_limit:ratio'))),
    record('job:conntrack_lost_packets:rate5m', fleet('sum', series('instance:conntrack_lost_packets:rate5m'))),
    record('job:conntrack_stat_early_drop:rate5m', fleet('sum', series('instance:conntrack_stat_early_drop:rate5m'))),
  ];

  { name: 'conntrack.rules', rules: instance + rates + lately5m + remembered + lastLoss + job }
)
