// Functions that build the rules from a configuration: series with the operator's selector, durations, alerts.
function(config) {
  local words = self,

  // The series of a metric, with the selector and `labels` ('cause="table_full"').
  series(metric, labels=''):: (
    local matchers = [part for part in [config.selector, labels] if part != ''];
    if matchers == [] then metric else '%s{%s}' % [metric, std.join(', ', matchers)]
  ),

  // A duration, divided by the speed of a laboratory. At least a second.
  seconds(seconds):: std.max(1, std.floor(seconds / config.speed + 0.5)),

  // 300 seconds are `5m`.
  duration(seconds):: (
    local passing = words.seconds(seconds);
    if passing % 86400 == 0 then '%dd' % (passing / 86400)
    else if passing % 3600 == 0 then '%dh' % (passing / 3600)
    else if passing % 60 == 0 then '%dm' % (passing / 60)
    else '%ds' % passing
  ),

  // A threshold in PromQL: 0.8, not 0.80000000000000004. A string is a reference to a Helm value and stays as it is.
  number(value):: if std.isString(value) then value else if value == std.floor(value) then '%d' % value else '%g' % value,

  // The growth of counters that are subtracted from one another. rate() extrapolates each to the ends of the range, less far for a
  // counter near 0. The difference of two extrapolations would be a loss that never happened. delta() extrapolates all in the same way, but
  // does not handle counter resets (a boot). If `reset` selects a host or namespace, because one of its counters was reset, `otherwise`
  // (rate, increase) replaces delta() for all its counters. `grown(operation)` returns the expression.
  grownAlike(grown, perSecond, reset, otherwise):: '%s%s\n%sor %s\n' % [
    grown('delta'),
    perSecond,
    words.indented('unless ' + reset),
    grown(otherwise),
  ],

  // The rate of a counter, summed over all CPUs.
  rate(metric):: 'sum without (cpu) (rate(%s[%s]))' % [words.series(metric), words.duration(config.rateWindow)],

  // The number of lines of a kind that the kernel has logged within a time.
  logged(message, time):: 'sum without (message) (increase(%s[%s]))' % [
    words.series('conntrack_kernel_log_messages_total', 'message="%s"' % message),
    time,
  ],

  // The last value of a series. One failed scrape does not end it.
  lately(selector):: 'last_over_time(%s[%s])' % [selector, words.duration(config.lastSeen)],

  // The value of an alert as a rate: 0.0033 packets a second, for which `humanize` prints 3.333m.
  perSecond(things)::
    '{{ if lt $value 1.0 }}{{ $value | printf "%%.2g" }}{{ else }}{{ $value | humanize }}{{ end }} %s a second' % things,

  // One alert for a host that two jobs scrape. `labels` are set by the rule, so target labels of these names are dropped.
  once(expr, labels={}):: 'max without (%s) (\n%s)\n' % [
    std.join(', ', config.jobLabels + ['alertname', 'severity'] + std.objectFields(labels)),
    words.indented(expr),
  ],
  indented(text):: std.join('', ['  %s\n' % line for line in std.split(text, '\n') if line != '']),

  // The alert itself, if it already fires. `labels` are set by its rule. Without the operator's selector, which may match job labels that
  // alerts do not have.
  firing(name, labels):: 'ALERTS{%s}' % std.join(', ', ['alertname="%s"' % name, 'alertstate="firing"'] + [
    '%s="%s"' % [label, labels[label]]
    for label in std.objectFields(labels)
  ]),

  // The first command of the runbook, without its options.
  firstCommand(name):: std.get({
    ConntrackCollectorFailed: 'journalctl -u conntrack-exporter',
    ConntrackExpectationTableFull: 'conntrack -L expect',
    ConntrackExporterAbsent: 'systemctl status conntrack-exporter',
    ConntrackExporterDown: 'systemctl status conntrack-exporter',
    ConntrackFlowsSampleOld: 'conntrack_exporter check',
    ConntrackInvalidPacketsHigh: 'nft list ruleset',
    ConntrackKernelLogTableFull: "dmesg -T | grep 'table full'",
    ConntrackLimitBelowRecommended: 'conntrack_exporter advise',
    ConntrackLimitChanged: 'sysctl net.netfilter.nf_conntrack_max net.netfilter.nf_conntrack_buckets',
  }, name, 'conntrack_exporter report'),

  // One alert. `setting` is its part of the configuration. `labels` are set in addition to the severity.
  alert(name, setting, expr, summary, description, labels={}, dashboard=config.dashboardUrl):: {
    alert: name,
    expr: expr,
    [if setting.holds > 0 then 'for']: words.duration(setting.holds),
    [if std.objectHas(setting, 'lingers') then 'keep_firing_for']: words.duration(setting.lingers),
    labels: { severity: setting.severity } + labels,
    annotations: {
      summary: summary,
      description: '%s First command: `%s`.' % [description, words.firstCommand(name)],
      runbook_url: config.runbookUrl % name,
      [if dashboard != '' then 'dashboard_url']: dashboard,
    },
  },

  // An alert with hysteresis. It starts if the value is above `above` and `when` is true. It goes on while the value is above `until`, if
  // the setting has one. `also` must be true all the time.
  threshold(name, setting, value, summary, description, labels={}, when='', also=''):: words.alert(
    name,
    setting,
    words.once('%s > %s\n%s%s' % [value, words.number(setting.above), when, also], labels) +
    if !std.objectHas(setting, 'until') then '' else 'or\n' +
                                                     words.once('%s > %s\n%s' % [value, words.number(setting.until), also], labels) +
                                                     '  and ignoring (%s) %s\n' % [
                                                       std.join(', ', ['alertname', 'alertstate', 'severity'] + std.objectFields(labels)),
                                                       words.firing(name, { severity: setting.severity } + labels),
                                                     ],
    summary,
    description,
    labels
  ),

  // A group of alerts, without the disabled ones. An item may be a list of alerts.
  group(name, alerts):: {
    name: name,
    rules: [
      rule
      for rule in std.flattenArrays([if std.isArray(item) then item else [item] for item in alerts])
      if !std.member(config.disabled, rule.alert)
    ],
  },
}
