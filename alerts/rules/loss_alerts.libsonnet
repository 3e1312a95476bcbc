// Packets are lost, or connections evicted; each cause is an alert of its own.
function(words, config) (
  local series = words.series, number = words.number, alerts = config.alerts;
  local lost(causes) = series('instance:conntrack_lost_packets:rate5m', 'cause%s' % causes);
  // Full at any moment of the window of the rates: the table may be full for less time than lies between two scrapes.
  local wasFull = 'max_over_time(%s[%s]) > %s' % [
    series('instance:conntrack_entries_peak_per_limit:ratio'),
    words.duration(config.rateWindow),
    number(alerts.ConntrackTableFull.fullAbove),
  ];
  local longMean = '%s > %s' % [
    words.lately(series('instance:conntrack_hash_chain:mean')),
    number(alerts.ConntrackHashOverloaded.meanChain.above),
  ];
  local overloaded(what, setting, expr, description) = words.alert(
    'ConntrackHashOverloaded',
    setting,
    expr,
    'Chains of the connection tracking hash table are long: look-ups cost more than they have to.',
    description,
    { what: what }
  );

  words.group('conntrack-loss', [
    local setting = alerts.ConntrackTableFull;
    words.alert(
      'ConntrackTableFull',
      setting,
      |||
        sum without (cause) (%s) > %s
        and %s
      ||| % [lost('=~"table_full|unknown"'), number(setting.above), wasFull],
      'New connections are refused because the connection tracking table is full.',
      '{{ $labels.instance }} drops ' + words.perSecond('packets') + ' of connections for which its table has no room.'
    ),

    local setting = alerts.ConntrackKernelLogTableFull;
    words.alert(
      'ConntrackKernelLogTableFull',
      setting,
      'sum without (message) (increase(%s[%s])) > %s\n' % [
        series('conntrack_kernel_log_messages_total', 'message="table_full"'),
        words.duration(config.rateWindow),
        number(setting.above),
      ],
      'The kernel says that a connection tracking table of this host is full.',
      'The kernel log of {{ $labels.instance }} has "table full, dropping packet" {{ $value | printf "%.0f" }} times lately. The log is ' +
      'that of the whole host: the table may be that of a container or another network namespace.'
    ),

    local setting = alerts.ConntrackChainsTooLong;
    words.alert(
      'ConntrackChainsTooLong',
      setting,
      '%s > %s\n' % [lost('="chain_too_long"'), number(setting.above)],
      'New connections are refused because a chain of the hash table is too long.',
      '{{ $labels.instance }} drops ' + words.perSecond('packets') + ' because the bucket of a new connection holds too many ' +
      'entries: too few buckets for the table, or somebody who chooses addresses and ports that meet in one bucket.'
    ),

    local setting = alerts.ConntrackClashesLost;
    words.alert(
      'ConntrackClashesLost',
      setting,
      '%s > %s\n' % [lost('="unresolved_clash"'), number(setting.above)],
      'Packets are lost because two of them claimed the same connection at the same time.',
      '{{ $labels.instance }} drops ' + words.perSecond('packets') + ' in clashes that the kernel could not resolve. DNS over ' +
      'UDP through DNAT is the usual victim: answers that take five seconds.'
    ),

    local setting = alerts.ConntrackPacketsRefused;
    words.alert(
      'ConntrackPacketsRefused',
      setting,
      |||
        sum without (cause) (%s) > %s
        unless %s
      ||| % [lost('=~"table_full|unknown"'), number(setting.above), wasFull],
      'Connection tracking drops packets although its table has room.',
      '{{ $labels.instance }} drops ' + words.perSecond('packets') + ' that connection tracking refused, while its table had ' +
      'room: no memory for a new entry, a packet that TCP tracking refused, or, before Linux 5.10, an unresolved clash.'
    ),

    local setting = alerts.ConntrackEarlyDrops;
    words.alert(
      'ConntrackEarlyDrops',
      setting,
      '%s > %s\n' % [series('instance:conntrack_stat_early_drop:rate5m'), number(setting.above)],
      'Connections are evicted from the table to make room for new ones.',
      '{{ $labels.instance }} evicts ' + words.perSecond('connections') + ' that are not ASSURED. Nothing is lost yet; the ' +
      'table is at its limit.'
    ),

    overloaded(
      'mean_chain',
      alerts.ConntrackHashOverloaded.meanChain,
      longMean + '\n',
      'A lookup of {{ $labels.instance }} compares {{ $value | humanize }} entries in the mean, for each packet: the table has too ' +
      'few buckets for its entries.'
    ),
    // Only where the mean does not say it: entries that do not spread over the buckets.
    local setting = alerts.ConntrackHashOverloaded.longChains;
    overloaded(
      'long_chains',
      setting,
      |||
        %s > %s
        unless %s
      ||| % [words.lately(series('instance:conntrack_hash_long_chains:ratio')), number(setting.above), longMean],
      '{{ $value | humanizePercentage }} of the buckets of {{ $labels.instance }} have a chain of more than eight entries, though ' +
      'the mean chain is short: the entries do not spread over the table.'
    ),
  ])
)
