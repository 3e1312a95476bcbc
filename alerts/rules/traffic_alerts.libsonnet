// What fills the table, or is about to use something up.
function(words, config) (
  local series = words.series, lately = words.lately, number = words.number, alerts = config.alerts;
  local snat(setting) = words.alert(
    'ConntrackSnatPortsRunningOut',
    setting,
    '%s > %s\n' % [lately(series('instance:conntrack_snat_ports_in_use_per_available:ratio')), number(setting.above)],
    'The ports of a translated source address run out for one destination.',
    '{{ $value | humanizePercentage }} of the ports of {{ $labels.address }} on {{ $labels.instance }} are in use towards ' +
    '{{ $labels.remote_address }} port {{ $labels.remote_port }} ({{ $labels.protocol }}). With none left, new connections there fail.'
  );

  words.group('conntrack-traffic', [
    local setting = alerts.ConntrackSynFlood;
    words.alert(
      'ConntrackSynFlood',
      setting,
      |||
        %s > %s
        and %s > %s
      ||| % [
        lately(series('instance:conntrack_tcp_half_open_per_limit:ratio')),
        number(setting.above),
        lately(series('instance:conntrack_tcp_half_open_per_tcp:ratio')),
        number(setting.ofTcpAbove),
      ],
      'Most TCP connections in the table are half open: a SYN flood, or a service that does not answer.',
      'Half-open TCP connections hold {{ $value | humanizePercentage }} of the limit of {{ $labels.instance }}, and are the larger ' +
      'part of its TCP connections.'
    ),

    local setting = alerts.ConntrackStateLeak;
    words.alert(
      'ConntrackStateLeak',
      setting,
      '%s > %s\n' % [
        lately(series('instance:conntrack_flows_per_limit:ratio', 'state=~"%s"' % setting.states)),
        number(setting.above),
      ],
      'Connections stay in a state that should be short.',
      'Flows in state {{ $labels.state }} hold {{ $value | humanizePercentage }} of the limit of {{ $labels.instance }}.'
    ),

    local setting = alerts.ConntrackSourceHoldsLargeShare;
    words.alert(
      'ConntrackSourceHoldsLargeShare',
      setting,
      '%s > %s\n' % [
        lately(series('instance:conntrack_talkers_source_flows_per_limit:ratio')),
        number(setting.above),
      ],
      'One source holds a large share of the connection tracking table.',
      '{{ $labels.source }} holds {{ $value | humanizePercentage }} of the limit of {{ $labels.instance }}.'
    ),

    snat(alerts.ConntrackSnatPortsRunningOut.high),
    snat(alerts.ConntrackSnatPortsRunningOut.nearlyExhausted),

    local setting = alerts.ConntrackInvalidPacketsHigh;
    local invalid = series('instance:conntrack_not_tracked_packets:rate5m');
    words.alert(
      'ConntrackInvalidPacketsHigh',
      setting,
      |||
        %(invalid)s > %(above)s
        and %(invalid)s > %(times)s * avg_over_time(%(invalid)s[%(baseline)s] offset %(ends)s)
      ||| % {
        invalid: invalid,
        above: number(setting.above),
        times: number(setting.times),
        baseline: words.duration(setting.baseline),
        ends: words.duration(setting.baselineEnds),
      },
      'Far more packets than usual cannot be tracked.',
      '{{ $value | humanize }} packets a second of {{ $labels.instance }} are INVALID, many times its own mean. They pass untracked ' +
      'and untranslated, unless a rule drops them.'
    ),
  ])
)
