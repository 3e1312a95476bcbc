// The table fills up.
function(words, config) (
  local series = words.series, lately = words.lately, number = words.number, alerts = config.alerts;
  local ratio = 'instance:conntrack_entries_per_limit:ratio';
  local utilisation(setting) = words.alert(
    'ConntrackTableUtilisationHigh',
    setting,
    '%s > %s\n' % [lately(series(ratio)), number(setting.above)],
    'The connection tracking table is nearly full.',
    'The table of {{ $labels.instance }} is {{ $value | humanizePercentage }} full. When it is full, new connections are ' +
    'refused. `conntrack_exporter report` says what fills it.'
  );

  words.group('conntrack-table', [
    utilisation(alerts.ConntrackTableUtilisationHigh.high),
    utilisation(alerts.ConntrackTableUtilisationHigh.nearlyFull),

    local setting = alerts.ConntrackTableHardFull;
    words.alert(
      'ConntrackTableHardFull',
      setting,
      '%s > %s\n' % [lately(series('instance:conntrack_assured_per_limit:ratio')), number(setting.above)],
      'The connection tracking table is full of connections that the kernel cannot evict.',
      '{{ $value | humanizePercentage }} of the limit of {{ $labels.instance }} is held by ASSURED connections. The kernel ' +
      'evicts none of them to make room: what is left is all the room there is.'
    ),

    local setting = alerts.ConntrackTableFillingUp;
    words.alert(
      'ConntrackTableFillingUp',
      setting,
      |||
        %(timeLeft)s < %(within)s
        and %(ratio)s > %(above)s
      ||| % {
        timeLeft: series('instance:conntrack_entries_time_to_limit:seconds'),
        within: number(setting.within / config.speed),
        ratio: lately(series(ratio)),
        above: number(setting.above),
      },
      'The connection tracking table will be full soon if it grows on like this.',
      'The table of {{ $labels.instance }} reaches its limit in {{ $value | humanizeDuration }} if it grows on as it did lately.'
    ),

    local setting = alerts.ConntrackExpectationTableFull;
    words.alert(
      'ConntrackExpectationTableFull',
      setting,
      |||
        %(ratio)s
        and (
          %(ratio)s > %(above)s
          or sum without (message) (increase(%(log)s[%(window)s])) > 0
        )
      ||| % {
        ratio: lately(series('instance:conntrack_expectations_per_limit:ratio')),
        above: number(setting.above),
        log: series('conntrack_kernel_log_messages_total', 'message="expectation_table_full"'),
        window: words.duration(config.rateWindow),
      },
      'Connection tracking helpers can announce no more connections.',
      'The expectations of {{ $labels.instance }} take {{ $value | humanizePercentage }} of their limit. When they reach it, the ' +
      'data connections of FTP, SIP and other helpers fail.'
    ),
  ])
)
