// Alerts on a table that fills up.
function(words, config) (
  local series = words.series, lately = words.lately, number = words.number, alerts = config.alerts;
  local ratio = series('instance:conntrack_entries_per_limit:ratio');
  // Seconds until the limit, at the growth within a window. Not below 0, because the kernel lets the table grow slightly above the limit.
  local timeLeft(window) = 'clamp_min((%s > 0) - %s, 0) / (deriv(%s[%s]) > 0)' % [
    lately(series('conntrack_entries_limit')),
    lately(series('conntrack_entries')),
    series('conntrack_entries'),
    words.duration(window),
  ];
  // The table grew, and still grows.
  local grows(setting) = '%s < %s\nand %s < %s\n' % [
    timeLeft(setting.growth),
    number(setting.within / config.speed),
    timeLeft(setting.recent),
    number(setting.within / config.speed),
  ];
  local utilisation(setting, soon, when='') = words.threshold(
    'ConntrackTableUtilisationHigh',
    setting,
    lately(ratio),
    'The connection tracking table is nearly full.',
    'The table of {{ $labels.instance }} is {{ $value | humanizePercentage }} full%s. When it is full, the kernel drops new ' % soon +
    'connections.',
    when=when
  );

  words.group('conntrack-table', [
    utilisation(alerts.ConntrackTableUtilisationHigh.high, ''),
    local setting = alerts.ConntrackTableUtilisationHigh.nearlyFull;
    utilisation(
      setting,
      ' and will be full within %d minutes if it keeps growing' % (setting.within / 60),
      'and ' + grows(setting)
    ),

    words.threshold(
      'ConntrackTableHardFull',
      alerts.ConntrackTableHardFull,
      lately(series('instance:conntrack_assured_per_limit:ratio')),
      'The table is nearly full of entries that are never evicted.',
      'ASSURED connections hold {{ $value | humanizePercentage }} of the limit of {{ $labels.instance }}. The kernel never evicts them.'
    ),

    local setting = alerts.ConntrackTableFillingUp;
    words.alert(
      'ConntrackTableFillingUp',
      setting,
      words.once(|||
        %(grows)s
        and %(ratio)s > %(above)s
        unless %(ratio)s <= %(overYesterday)s * (max_over_time(%(recorded)s[%(yesterday)s] offset %(ends)s) < %(nearlyFull)s)
      ||| % {
        grows: std.rstripChars(grows(setting), '\n'),
        ratio: lately(ratio),
        above: number(setting.above),
        overYesterday: number(setting.overYesterday),
        nearlyFull: number(alerts.ConntrackTableUtilisationHigh.nearlyFull.above),
        recorded: ratio,
        yesterday: words.duration(setting.yesterday),
        ends: words.duration(setting.yesterdayEnds),
      }),
      'The connection tracking table will soon be full.',
      'At its present growth the table of {{ $labels.instance }} reaches its limit in {{ $value | humanizeDuration }}.'
    ),

    local setting = alerts.ConntrackExpectationTableFull;
    local log = words.logged('expectation_table_full', words.duration(config.rateWindow));
    local expectations = lately(series('instance:conntrack_expectations_per_limit:ratio'));
    words.threshold(
      'ConntrackExpectationTableFull',
      setting,
      expectations,
      'The table of expected connections is nearly full.',
      'The expectations of {{ $labels.instance }} take {{ $value | humanizePercentage }} of their limit. At the limit, the data ' +
      'connections of FTP, SIP and other helpers fail.',
      when='or %s and %s > 0\n' % [expectations, log]
    ),
  ])
)
