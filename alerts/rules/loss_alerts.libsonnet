// Packets are lost, or connections evicted. Each cause has an alert of its own.
function(words, config) (
  local series = words.series, number = words.number, lately = words.lately, alerts = config.alerts;
  local window = words.duration(config.rateWindow), memory = words.duration(config.lossMemory);
  local rate(cause) = series('instance:conntrack_lost_packets:rate5m', 'cause' + cause);
  local remembered = 'instance:conntrack_lost_packets:increase70m';
  local inMemory(cause) = series(remembered, 'cause' + cause);
  local refused = '=~"table_full|unknown"';
  local memoryInWords = '%d minutes' % (config.lossMemory / 60);

  // Whether a counter rose in at least two scrapes: a burst between two scrapes is over by the time it is seen.
  local goesOn(counter, labels='') = 'changes(%s[%s]) >= 2' % [series(counter, labels), window];
  // The same for a counter by CPU. Where many CPUs each lose a packet now and then: some of them in both halves of the window.
  local goesOnPerCpu(counter) = (
    local half = words.duration(config.rateWindow / 2), rises = 'sum without (cpu) (changes(%s[%s]%s)) > 0';
    '(max without (cpu) (%s) or %s and %s)' % [
      goesOn(counter),
      rises % [series(counter), half, ''],
      rises % [series(counter), half, ' offset ' + half],
    ]
  );
  // Whether the table was full at any moment, between scrapes too. The counter covers gaps of scrapes; the peak covers a counter
  // that has just begun.
  local wasFull(time) = '(increase(%s[%s]) > 0 or max_over_time(%s[%s]) > %s)' % [
    series('conntrack_entries_full_seconds_total'),
    time,
    series('instance:conntrack_entries_peak_per_limit:ratio'),
    time,
    number(alerts.ConntrackTableFull.fullAbove),
  ];

  // The page and the ticket of a loss. `now` is the rate, `past` the number of packets lost; `going` and `when` have to hold as well.
  local losing(alert, now, going, when='') = words.alert(
    alert.name,
    alerts[alert.name].losing,
    words.once('%s > %s\nand %s\n%s' % [now, number(alerts[alert.name].losing.above), going, when]),
    alert.summary,
    '{{ $labels.instance }} drops ' + words.perSecond('packets') + ': ' + alert.why
  );
  local lost(alert, past, when='') = words.alert(
    alert.name,
    alerts[alert.name].lost,
    words.once('%s > %s\n%s' % [past, number(alerts[alert.name].lost.above), when]),
    alert.summary,
    '{{ $labels.instance }} dropped about {{ $value | printf "%.0f" }} packets within ' + memoryInWords + ': ' + alert.why
  );

  local full = {
    name: 'ConntrackTableFull',
    summary: 'The connection tracking table is full, and packets of new connections are lost.',
    why: 'its connection tracking table is full.',
  };
  local netns = {
    name: 'ConntrackNetnsTableFull',
    summary: 'The connection tracking table of a network namespace is full, and packets of new connections are lost.',
    // With the name of the pod where kube-state-metrics is scraped.
    why: 'the table of network namespace {{ $labels.netns }}' +
         '{{ with printf `kube_pod_info{uid=%q}` $labels.netns | query }}{{ $pod := . | first }} (pod ' +
         '{{ or (label "exported_namespace" $pod) (label "namespace" $pod) }}/' +
         '{{ or (label "exported_pod" $pod) (label "pod" $pod) }}){{ end }} is full.',
  };
  local chains = {
    name: 'ConntrackChainsTooLong',
    summary: 'A chain of the hash table is too long, and packets of new connections are lost.',
    why: 'the bucket of a new connection holds too many entries. There are too few buckets, or somebody chooses addresses and ' +
         'ports that share a bucket.',
  };
  // Losses of other namespaces, except to clashes and long chains; those of the host's own are in ConntrackTableFull. By delta(), and
  // by `otherwise` after a reset: recording.libsonnet has the reason.
  local netnsLost(time, perSecond, otherwise) = (
    local counter(grown, name) = '%s(%s[%s])' % [grown, series('conntrack_netns_%s_total' % name, 'netns!="host"'), time];
    local lost(grown) = 'clamp_min(%s - (%s - (%s or 0 * %s)), 0)' % [
      counter(grown, name)
      for name in ['drop', 'insert_failed', 'chain_toolong', 'insert_failed']
    ];
    '(%s%s unless %s + %s > 0 or %s)' % [
      lost('delta'),
      perSecond,
      counter('resets', 'drop'),
      counter('resets', 'insert_failed'),
      lost(otherwise),
    ]
  );
  local meanChain = lately(series('instance:conntrack_hash_chain:mean'));

  words.group('conntrack-loss', [
    losing(
      full,
      'sum without (cause) (%s)' % rate(refused),
      goesOnPerCpu('conntrack_stat_drop_total'),
      'and %s\nunless sum without (cause) (%s) <= %s * %s\n' % [
        wasFull(window),
        rate(refused),
        number(alerts.ConntrackTableFull.losing.ofNewFlows),
        series('instance:conntrack_new_flows:rate5m'),
      ]
    ),
    lost(
      full,
      'sum without (cause) (%s)' % inMemory(refused),
      'and %s\n' % wasFull(memory)
    ),

    losing(
      netns,
      netnsLost(window, ' / ' + number(words.seconds(config.rateWindow)), 'rate'),
      goesOn('conntrack_netns_drop_total', 'netns!="host"')
    ),
    lost(netns, netnsLost(memory, '', 'increase')),

    // Lines of the whole host, including namespaces that no collector counts.
    local lines(time) = 'sum without (message) (increase(%s[%s]))' % [
      series('conntrack_kernel_log_messages_total', 'message="table_full"'),
      time,
    ];
    local logged(setting, expr, times) = words.alert(
      'ConntrackKernelLogTableFull',
      setting,
      words.once(expr),
      'The kernel logs that a connection tracking table of this host is full.',
      'The kernel log of {{ $labels.instance }} has "table full, dropping packet" {{ $value | printf "%.0f" }} times within ' +
      times + '. The table may be that of a container or of another network namespace.'
    );
    local setting = alerts.ConntrackKernelLogTableFull;
    [
      logged(
        setting.repeating,
        '%s > %s\nand sum without (message) (%s)\n' % [
          lines(window),
          number(setting.repeating.above),
          goesOn('conntrack_kernel_log_messages_total', 'message="table_full"'),
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

    words.threshold(
      'ConntrackClashesLost',
      alerts.ConntrackClashesLost,
      'sum without (cause) (%s)' % rate('="unresolved_clash"'),
      'Packets are lost because two of them claimed the same connection at the same time.',
      '{{ $labels.instance }} drops ' + words.perSecond('packets') + ' in clashes that the kernel cannot resolve. DNS over ' +
      'UDP through DNAT is the usual victim: answers take five seconds.'
    ),

    words.alert(
      'ConntrackPacketsRefused',
      alerts.ConntrackPacketsRefused,
      words.once('sum without (cause) (%s) > %s\nunless %s\n' % [
        inMemory(refused),
        number(alerts.ConntrackPacketsRefused.above),
        wasFull(memory),
      ]),
      'Connection tracking drops packets although its table has room.',
      '{{ $labels.instance }} dropped about {{ $value | printf "%.0f" }} packets within ' + memoryInWords + ' while its table had ' +
      'room: no memory for a new entry, a packet that TCP tracking refused, or, before Linux 5.10, an unresolved clash.'
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
      'The kernel evicts connections from the table to make room for new ones.',
      '{{ $labels.instance }} evicts ' + words.perSecond('connections') + ' that are not ASSURED. Nothing is lost yet, but the ' +
      'table is at its limit.'
    ),

    local overloaded(what, setting, value, description, except='') = words.threshold(
      'ConntrackHashOverloaded',
      setting,
      value,
      'Chains of the connection tracking hash table are long, which makes lookups slow.',
      description,
      { what: what },
      except=except
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
      // Only where the mean chain is short: the entries do not spread over the buckets.
      overloaded(
        'long_chains',
        settings.longChains,
        lately(series('instance:conntrack_hash_long_chains:ratio')),
        '{{ $value | humanizePercentage }} of the buckets of {{ $labels.instance }} have a chain of more than eight entries, though ' +
        'the mean chain is short: the entries do not spread over the table.',
        except='unless %s > %s\n' % [meanChain, number(settings.meanChain.above)]
      ),
    ],
  ])
)
