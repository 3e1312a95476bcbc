// Alerts on lost packets and evicted connections. Each cause has its own alert.
function(words, config) (
  local series = words.series, number = words.number, lately = words.lately, alerts = config.alerts;
  local window = words.duration(config.rateWindow), memory = words.duration(config.lossMemory);
  local rate(cause) = series('instance:conntrack_lost_packets:rate5m', 'cause' + cause);
  local remembered = 'instance:conntrack_lost_packets:increase70m';
  local inMemory(cause) = series(remembered, 'cause' + cause);
  local refused = '=~"table_full|unknown"';
  local memoryInWords = '%d minutes' % (config.lossMemory / 60);

  // True if a counter rose in at least two scrapes. A burst between two scrapes is over before Prometheus sees it. Twice the window, because
  // most scrapes of an overloaded host may fail.
  local goesOn(counter, labels='') = 'changes(%s[%s]) >= 2' % [series(counter, labels), words.duration(2 * config.rateWindow)];
  // The same for a counter per CPU. If many CPUs lose a packet now and then: some of them in each half of that time.
  local goesOnPerCpu(counter) = (
    local rises = 'sum without (cpu) (changes(%s[%s]%s)) > 0';
    '(max without (cpu) (%s) or %s and %s)' % [
      goesOn(counter),
      rises % [series(counter), window, ''],
      rises % [series(counter), window, ' offset ' + window],
    ]
  );
  // A table counts as full from this share of the limit. It is less than 1, because the exporter reads the count four times a second and
  // may miss the moment when it is at the limit. conntrack_entries_full_seconds_total has the same share built in.
  local fullAbove = '0.95';
  // True if the table was full at any moment, also between scrapes. The counter covers gaps of scrapes. The peak covers a counter that has
  // just started. Evictions, which the kernel counts, cover a gap in which the exporter was restarted.
  local wasFull(time, suffix) = |||
    (
      increase(%s[%s]) > 0
      or max_over_time(%s[%s]) > %s
      or %s > 0
    )
  ||| % [
    series('conntrack_entries_full_seconds_total'),
    time,
    series('instance:conntrack_entries_peak_per_limit:ratio'),
    time,
    fullAbove,
    series('instance:conntrack_stat_early_drop:' + suffix),
  ];

  // The page and the ticket of a loss. `now` is the rate, `past` the number of packets lost. `going` and `when` must be true too.
  local losing(alert, now, going, when='') = words.alert(
    alert.name,
    alerts[alert.name].losing,
    words.once('%s > %s\nand ignoring (cause) %s\n%s' % [now, number(alerts[alert.name].losing.above), going, when]),
    alert.summary,
    '{{ $labels.instance }} drops ' + words.perSecond('packets') + ': ' + alert.why % alert.now
  );
  local lost(alert, past, also='') = words.threshold(
    alert.name,
    alerts[alert.name].lost,
    past,
    alert.summary,
    '{{ $labels.instance }} dropped about {{ $value | printf "%.0f" }} packets within ' + memoryInWords + ': ' + alert.why % alert.before,
    also=also
  );

  // True if the host's own table refuses only a small share of the new flows. Users do not notice that.
  local fewOfNewFlows = 'sum without (cause) (%s) <= %s * %s' % [
    rate(refused),
    number(alerts.ConntrackTableFull.losing.ofNewFlows),
    series('instance:conntrack_new_flows:rate5m'),
  ];

  local full = {
    name: 'ConntrackTableFull',
    summary: 'Packets dropped: the connection tracking table was full.',
    why: 'its connection tracking table %s full.',
    now: 'is',
    before: 'was',
  };
  local netns = {
    name: 'ConntrackNetnsTableFull',
    summary: 'Packets dropped: the table of a namespace was full.',
    now: 'is',
    before: 'was',
    // With the name of the pod where kube-state-metrics is scraped.
    why: 'the table of {{ if eq $labels.netns "other" }}one of the other namespaces{{ else }}namespace {{ $labels.netns }}{{ end }}' +
         '{{ with printf `kube_pod_info{uid=%%q}` $labels.netns | query }}{{ $pod := . | first }} (pod ' +
         '{{ or (label "exported_namespace" $pod) (label "namespace" $pod) }}/' +
         '{{ or (label "exported_pod" $pod) (label "pod" $pod) }}){{ end }} %s full.',
  };
  local chains = {
    name: 'ConntrackChainsTooLong',
    summary: 'Packets dropped: a chain of the hash table was too long.',
    now: 'has',
    before: 'had',
    why: 'the hash bucket of a new connection %s too many entries. There are too few buckets, or an attacker chooses addresses ' +
         'and ports of one bucket.',
  };
  // Older kernels count this loss together with clashes. On these, the table must also have been full.
  local netnsLost(suffix, time) = (
    local lost(cause) = series('instance:conntrack_netns_lost_packets:' + suffix, 'cause="%s"' % cause);
    'sum without (cause) (%s or %s and ignoring (cause) max_over_time(%s[%s]) > ignoring (netns) group_left () %s * (%s > 0))' % [
      lost('table_full'),
      lost('unknown'),
      series('conntrack_netns_entries'),
      time,
      fullAbove,
      lately(series('conntrack_entries_limit')),
    ]
  );
  local meanChain = lately(series('instance:conntrack_hash_chain:mean'));

  words.group('conntrack-loss', [
    losing(
      full,
      'sum without (cause) (%s)' % rate(refused),
      goesOnPerCpu('conntrack_stat_drop_total'),
      'and ignoring (cause) %sunless ignoring (cause) %s\n' % [wasFull(window, 'rate5m'), fewOfNewFlows]
    ),
    lost(
      full,
      'sum without (cause) (%s)' % inMemory(refused),
      'and ignoring (cause) %s' % wasFull(memory, 'increase70m')
    ),
    local setting = alerts.ConntrackTableFull.unknownLoss;
    words.alert(
      full.name,
      setting,
      words.once('min_over_time(%s[%s]) > %s\nand count_over_time(%s[%s]) >= 3\nunless on (cluster, instance) %s\n' % [
        series('instance:conntrack_entries_per_limit:ratio'),
        window,
        number(setting.above),
        series('conntrack_entries'),
        window,
        lately(series('conntrack_stat_drop_total')),
      ]),
      'The connection tracking table is full, packet loss unknown.',
      'The connection tracking table of {{ $labels.instance }} is {{ $value | humanizePercentage }} full. The number of lost packets ' +
      'is unknown, because the collector stat cannot read the counters.',
      { what: 'unknown_loss' }
    ),

    losing(netns, netnsLost('rate5m', window), goesOn('conntrack_netns_drop_total', 'netns!="host"')),
    lost(netns, netnsLost('increase70m', memory)),

    // The log lines of the whole host, including namespaces that no collector counts.
    local lines(time) = words.logged('table_full', time);
    local logged(setting, expr, times) = words.alert(
      'ConntrackKernelLogTableFull',
      setting,
      words.once(expr),
      'The kernel log reports a full connection tracking table.',
      'The kernel log of {{ $labels.instance }} has "table full, dropping packet" {{ $value | printf "%.0f" }} times within ' +
      times + '. It may be the table of a container or of another network namespace.'
    );
    local setting = alerts.ConntrackKernelLogTableFull;
    [
      logged(
        setting.repeating,
        '%s > %s\nand sum without (message) (%s)\nunless on (cluster, job, instance) (%s > %s and %s)\n' % [
          lines(window),
          number(setting.repeating.above),
          goesOn('conntrack_kernel_log_messages_total', 'message="table_full"'),
          'sum without (cause) (%s)' % rate(refused),
          number(alerts.ConntrackTableFull.losing.above),
          fewOfNewFlows,
        ],
        '%d minutes' % (config.rateWindow / 60)
      ),
      logged(setting.seen, '%s > %s\n' % [lines(memory), number(setting.seen.above)], memoryInWords),
    ],

    losing(
      chains,
      'sum without (cause) (%s)' % rate('="chain_too_long"'),
      goesOnPerCpu('conntrack_stat_chain_toolong_total')
    ),
    lost(chains, 'sum without (cause) (%s)' % inMemory('="chain_too_long"')),

    // The sum of all interfaces. The kernel does not count what EC2 drops.
    local name = 'ConntrackEnaAllowanceExceeded';
    local refused = series('conntrack_ena_allowance_exceeded_total', 'allowance="conntrack"');
    local overall(expr) = 'sum without (interface, allowance) (%s)' % expr;
    local summary = 'Packets dropped by EC2: too many tracked connections.';
    local why = "The kernel's own table may be fine.";
    [
      words.alert(
        name,
        alerts[name].losing,
        words.once('%s > %s\nand max without (interface, allowance) (changes(%s[%s])) >= 2\n' % [
          overall('rate(%s[%s])' % [refused, window]),
          number(alerts[name].losing.above),
          refused,
          words.duration(2 * config.rateWindow),
        ]),
        summary,
        'EC2 drops ' + words.perSecond('packets') + ' of {{ $labels.instance }}, which has more connections than its instance type is ' +
        'allowed. ' + why
      ),
      words.threshold(
        name,
        alerts[name].lost,
        overall('increase(%s[%s])' % [refused, memory]),
        summary,
        'EC2 dropped about {{ $value | printf "%.0f" }} packets of {{ $labels.instance }} within ' + memoryInWords + ', when it had ' +
        'more connections than its instance type is allowed. ' + why
      ),
    ],

    words.threshold(
      'ConntrackClashesLost',
      alerts.ConntrackClashesLost,
      'sum without (cause) (%s)' % rate('="unresolved_clash"'),
      'Packets dropped: clashes of new connections.',
      '{{ $labels.instance }} drops ' + words.perSecond('packets') + ' because of clashes: two packets created the ' +
      'same connection at the same time, or source NAT found no free port. DNS over UDP through DNAT is often affected; lookups ' +
      'then take five seconds.'
    ),

    words.threshold(
      'ConntrackPacketsRefused',
      alerts.ConntrackPacketsRefused,
      'sum without (cause) (%s)' % inMemory(refused),
      'Packets dropped although the table was not full.',
      '{{ $labels.instance }} dropped about {{ $value | printf "%.0f" }} packets within ' + memoryInWords + ' while its table had ' +
      'room: no memory for a new entry, a packet that TCP tracking refused, or, before Linux 5.10, an unresolved clash.',
      also='unless ignoring (cause) %s' % wasFull(memory, 'increase70m')
    ),

    words.alert(
      'ConntrackPacketsLost',
      alerts.ConntrackPacketsLost,
      words.once('%s\nand %s > %s\n' % [
        series('instance:conntrack_lost_packets:last_timestamp_seconds'),
        series(remembered),
        number(alerts.ConntrackPacketsLost.above),
      ]),
      'Packets were lost.',
      '{{ $labels.instance }} lost packets, last at about {{ $value | humanizeTimestamp }} (cause: {{ $labels.cause }}).'
    ),

    words.threshold(
      'ConntrackEarlyDrops',
      alerts.ConntrackEarlyDrops,
      series('instance:conntrack_stat_early_drop:rate5m'),
      'The table is full: the kernel evicts connections.',
      '{{ $labels.instance }} evicts ' + words.perSecond('connections') + ' that are not ASSURED, to make room for ' +
      'new ones.'
    ),

    local overloaded(what, setting, value, description, also='') = words.threshold(
      'ConntrackHashOverloaded',
      setting,
      value,
      'Hash chains are long, which makes lookups slow.',
      description,
      { what: what },
      also=also
    );
    local settings = alerts.ConntrackHashOverloaded;
    [
      overloaded(
        'mean_chain',
        settings.meanChain,
        meanChain,
        'A lookup of {{ $labels.instance }} compares {{ $value | humanize }} entries on average, for each packet: the table has too ' +
        'few buckets for its entries.'
      ),
      // Only if the mean chain is short: then the entries do not spread over the buckets.
      overloaded(
        'long_chains',
        settings.longChains,
        lately(series('instance:conntrack_hash_long_chains:ratio')),
        '{{ $value | humanizePercentage }} of the buckets of {{ $labels.instance }} have a chain of more than eight entries, though ' +
        'the mean chain is short: the entries do not spread over the table.',
        also='unless %s > %s\n' % [meanChain, number(settings.meanChain.above)]
      ),
    ],
  ])
)
