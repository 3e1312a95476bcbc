// Recording rules, for queries that alerts, dashboards and people use often. Names are level:metric:operations, as is the convention.
function(words, config) (
  local series = words.series, rate = words.rate, lately = words.lately;
  local record(name, expr, labels={}) = { record: name, expr: expr, [if labels != {} then 'labels']: labels };
  local limit = '(%s > 0)' % series('conntrack_entries_limit');  // 0 is "no limit" before Linux 6.19: there is no ratio
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
    // Flows without an answer. TCP has its own ratios. All ICMP flows count, because hosts answer a flood of echo requests.
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
    // UNREPLIED, but not in SYN_SENT: picked up in the middle.
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
    // Counted if flows are read by BPF. Otherwise a lower bound: each entry is in the hash table twice, and entries of other namespaces
    // are in it too. The histogram is a snapshot and does not accumulate, so there is no rate().
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

  local notTracked = series('instance:conntrack_not_tracked_packets:rate5m');
  local rates = [
    // These packets are not lost: they pass untracked, unless a rule drops state INVALID.
    record('instance:conntrack_not_tracked_packets:rate5m', rate('conntrack_stat_invalid_total') + '\n'),
    // INVALID packets above the baseline, for each new flow in SYN_SENT. Flows stay in that state until the timeout, so flows / timeout are
    // new each second. The baseline is the rate that was exceeded for nine tenths of the day, so an incident of hours does not raise it.
    record('instance:conntrack_invalid_per_syn_sent:ratio', |||
      clamp_min(%(rate)s - (quantile_over_time(0.1, %(rate)s[%(baseline)s] offset %(ends)s) or 0 * %(rate)s), 0)
        * sum without (protocol, flow_state) (%(timeout)s)
        / (%(synSent)s > 0)
    ||| % {
      rate: notTracked,
      baseline: words.duration(config.alerts.ConntrackInvalidPacketsHigh.baseline),
      ends: words.duration(config.alerts.ConntrackInvalidPacketsHigh.baselineEnds),
      timeout: series('conntrack_timeout_seconds', 'protocol="tcp", flow_state="SYN_SENT"'),
      synSent: synSent,
    }),
    record('instance:conntrack_new_flows:rate5m', 'sum without (event, protocol) (rate(%s[%s]))\n' % [
      series('conntrack_events_total', 'event="new"'),
      words.duration(config.rateWindow),
    ]),
  ] + [
    record('instance:conntrack_stat_%s:rate5m' % counter, rate('conntrack_stat_%s_total' % counter) + '\n')
    for counter in ['early_drop', 'clash_resolve', 'found', 'search_restart']
  ];

  // Packets lost, by cause: the rate over the window of all rates, and the number within the time that a loss is remembered. `span` is the
  // window in the names of series, `seconds` the configured window.
  local memory = words.duration(config.lossMemory);
  local loss(operation, span, seconds) = (
    local suffix = operation + span, time = words.duration(seconds);
    local perSecond = if operation == 'rate' then ' / ' + words.number(words.seconds(seconds)) else '';
    local counters = ['drop', 'insert_failed', 'chain_toolong'];
    local stat(name) = series('conntrack_stat_%s_total' % name);
    local netns(name) = series('conntrack_netns_%s_total' % name, 'netns!="host"');
    local resets(counter) = '(\n%s)' % words.indented(
      std.join('\nor ', ['resets(%s[%s]) > 0' % [counter(name), time] for name in counters])
    );
    local grownHere(name) = function(operation) 'sum without (cpu) (%s(%s[%s]))' % [operation, stat(name), time];
    local grownThere(names) = function(operation) (
      local each = ['%s(%s[%s])' % [operation, netns(name), time] for name in names];
      // Drops without clashes. Clashes are insert_failed without chain_toolong, which older kernels do not have.
      if std.length(names) == 1 then each[0] else '(%s\n  - (%s\n    - (%s\n      or 0 * %s)))' % (each + [each[1]])
    );
    local reset = 'instance:conntrack_stat_loss_counters:reset' + span,
          present = 'instance:conntrack_stat_clash_resolve:present' + span,
          dropped = series('instance:conntrack_stat_drop:' + suffix),
          failed = series('instance:conntrack_stat_insert_failed:' + suffix),
          chains = series('instance:conntrack_stat_chain_toolong:' + suffix),
          resolved = series(present),
          lost = 'instance:conntrack_lost_packets:' + suffix;
    [
      // Recorded once for the rules below, because range selectors over per-CPU counters are expensive. `reset` exists only for hosts with
      // a counter that was reset.
      record(reset, 'group without (cpu) %s\n' % resets(stat)),
      record(present, 'group without (cpu) (last_over_time(%s[%s]))\n' % [stat('clash_resolve'), time]),
    ] + [
      record(
        'instance:conntrack_stat_%s:%s' % [name, suffix],
        words.grownAlike(grownHere(name), perSecond, series(reset), operation)
      )
      for name in counters
    ] + [
      // docs/metrics.md, "Loss by cause", explains these differences. They are clamped at 0, because the counters are read one after
      // another. Older kernels without clash_resolve do not separate the causes.
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
    ] + (
      // The same for each other network namespace, without clashes and long chains.
      local resolvedThere = 'last_over_time(%s[%s])' % [netns('clash_resolve'), time];
      local lostThere = 'instance:conntrack_netns_lost_packets:' + suffix;
      local grown(wanted) = words.indented(words.grownAlike(grownThere(wanted), perSecond, resets(netns), operation));
      [
        record(
          lostThere,
          'clamp_min(\n%s,\n0)\nand %s\n' % [std.rstripChars(grown(counters), '\n'), resolvedThere],
          { cause: 'table_full' }
        ),
        record(lostThere, '(\n%s)\nunless %s\n' % [grown(['drop']), resolvedThere], { cause: 'unknown' }),
      ]
    )
  );
  local lossRates = loss('rate', '5m', config.rateWindow);
  // Evictions before losses: an alert must not see a new loss without the evictions of that moment.
  local pastLosses = [
    record('instance:conntrack_stat_early_drop:increase70m', 'sum without (cpu) (increase(%s[%s]))\n' % [
      series('conntrack_stat_early_drop_total'),
      memory,
    ]),
  ] + loss('increase', '70m', config.lossMemory);
  // The time of the last lost packet, within the window of the rates. A loss in a gap of scrapes gets the time of the first scrape after
  // the gap, or of an earlier loss that is still remembered.
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

  // `up` of each target that is an exporter, or was one within `knownFor`. This series itself is the memory.
  local targets = (
    local name = 'target:conntrack_exporter:up';
    // The labels of build_info. Prometheus renames them if the target has a label of the same name.
    local own = ['version', 'revision', 'compiler', 'architecture'];
    [record(name, |||
      %s
      and ignoring (%s) (%s or last_over_time(%s[%s]))
    ||| % [
      series('up'),
      std.join(', ', own + ['exported_' + label for label in own]),
      series('conntrack_exporter_build_info'),
      series(name),
      words.duration(config.alerts.ConntrackExporterDown.knownFor),
    ])]
  );

  local job = [
    record('job:conntrack_entries:sum', fleet('sum', series('conntrack_entries'))),
    record('job:conntrack_entries_limit:sum', fleet('sum', series('conntrack_entries_limit'))),
    // A ratio of sums, because a mean of ratios gives an idle host the weight of a busy one. Hosts without a limit are left out.
    record('job:conntrack_entries_per_limit:ratio', fleet('sum', '%s and %s' % [series('conntrack_entries'), limit]) +
                                                    '  / ' + fleet('sum', series('conntrack_entries_limit') + ' > 0')),
    record('job:conntrack_entries_per_limit:max', fleet('max', series('instance:conntrack_entries_per_limit:ratio'))),
    record('job:conntrack_lost_packets:rate5m', fleet('sum', series('instance:conntrack_lost_packets:rate5m'))),
    record('job:conntrack_stat_early_drop:rate5m', fleet('sum', series('instance:conntrack_stat_early_drop:rate5m'))),
  ];

  // Small groups, because Mimir accepts 20 rules in a group by default.
  [
    { name: 'conntrack-instance.rules', rules: targets + instance },
    { name: 'conntrack-rates.rules', rules: rates },
    { name: 'conntrack-loss.rules', rules: lossRates },
    { name: 'conntrack-past-loss.rules', rules: pastLosses + lastLoss },
    { name: 'conntrack-fleet.rules', rules: job },
  ]
)
