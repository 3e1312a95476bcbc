// Alerts on what fills the table or uses up ports. docs/report.md, "Signs", tells the causes apart.
function(words, config) (
  local series = words.series, lately = words.lately, number = words.number, alerts = config.alerts;

  local halfOpen = lately(series('instance:conntrack_tcp_half_open_per_limit:ratio'));
  local mostOfTcp = '%s > %s' % [
    lately(series('instance:conntrack_tcp_half_open_per_tcp:ratio')),
    number(alerts.ConntrackSynFlood.ofTcpAbove),
  ];
  // Most half-open flows wait for a SYN/ACK, and their clients continue as if they had received it.
  local oneDirection = '%s > %s\nand %s > 0.5' % [
    lately(series('instance:conntrack_invalid_per_syn_sent:ratio')),
    number(alerts.ConntrackAsymmetricRouting.invalidPerFlow),
    lately(series('instance:conntrack_syn_sent_per_half_open:ratio')),
  ];
  // Connections whose SYN this host has not seen, and of which it sees only one direction.
  local pickedUp = lately(series('instance:conntrack_tcp_picked_up_per_limit:ratio'));

  local snat(setting) = words.threshold(
    'ConntrackSnatPortsRunningOut',
    setting,
    lately(series('instance:conntrack_snat_ports_in_use_per_available:ratio')),
    'Source NAT is running out of ports for one destination.',
    '{{ $value | humanizePercentage }} of the ports of {{ $labels.address }} on {{ $labels.instance }} are in use towards ' +
    '{{ $labels.remote_address }} port {{ $labels.remote_port }} ({{ $labels.protocol }}). Without a free port, new connections ' +
    'to it fail.'
  );

  words.group('conntrack-traffic', [
    words.threshold(
      'ConntrackSynFlood',
      alerts.ConntrackSynFlood,
      halfOpen,
      'Most TCP connections are half-open: possible SYN flood.',
      'Half-open TCP connections hold {{ $value | humanizePercentage }} of the limit of {{ $labels.instance }}, and are most of its ' +
      'TCP connections: a SYN flood, or a service that does not answer.',
      when='and %s\n' % mostOfTcp,
      // Asymmetric routing that lasts for days becomes part of the baseline. While its alert fires, there is no SYN flood alert.
      also='unless (\n%s)\nunless on (cluster, instance) %s\n' % [
        words.indented(oneDirection),
        words.firing('ConntrackAsymmetricRouting', { what: 'half_open' }),
      ]
    ),

    local asymmetric(what, value, description, when='') = words.threshold(
      'ConntrackAsymmetricRouting',
      alerts.ConntrackSynFlood + alerts.ConntrackAsymmetricRouting,
      value,
      'Asymmetric routing: only one direction of TCP is seen.',
      description,
      { what: what },
      when
    );
    [
      asymmetric(
        'half_open',
        halfOpen,
        'Half-open TCP connections hold {{ $value | humanizePercentage }} of the limit of {{ $labels.instance }}, and their clients ' +
        'send INVALID packets: the answers take another path.',
        'and %s\nand %s\n' % [mostOfTcp, oneDirection]
      ),
      asymmetric(
        'picked_up',
        pickedUp,
        'TCP connections that hold {{ $value | humanizePercentage }} of the limit of {{ $labels.instance }} began elsewhere, and only ' +
        'one direction of them passes: the other takes another path, or the packets belong to no connection (ACK flood).'
      ),
    ],

    words.threshold(
      'ConntrackProtocolFlood',
      alerts.ConntrackProtocolFlood,
      lately(series('instance:conntrack_one_way_flows_per_limit:ratio')),
      'Unanswered flows of one protocol fill the table.',
      'Flows of protocol {{ $labels.protocol }} without an answer (of ICMP all flows) hold {{ $value | humanizePercentage }} of the ' +
      'limit of {{ $labels.instance }}.'
    ),

    words.threshold(
      'ConntrackStateLeak',
      alerts.ConntrackStateLeak,
      lately(series('instance:conntrack_flows_per_limit:ratio', 'flow_state=~"%s"' % alerts.ConntrackStateLeak.states)),
      'Too many connections are in a short-lived state.',
      'Flows in state {{ $labels.flow_state }} hold {{ $value | humanizePercentage }} of the limit of {{ $labels.instance }}.',
      // If a router sees only one direction of the close, connections stay in CLOSE_WAIT. That is not a leak.
      also='unless ignoring (flow_state) %s > %s\n' % [pickedUp, number(alerts.ConntrackSynFlood.above)]
    ),

    words.threshold(
      'ConntrackSourceHoldsLargeShare',
      alerts.ConntrackSourceHoldsLargeShare,
      lately(series('instance:conntrack_talkers_source_flows_per_limit:ratio')),
      'One source has a large share of the table.',
      '{{ $labels.source_address }} holds {{ $value | humanizePercentage }} of the limit of {{ $labels.instance }}' +
      '{{ with printf `topk(1, conntrack_workload_flows{instance=%q,cluster=%q,direction="opened",kind!~"other|host"} > 0)` ' +
      '$labels.instance $labels.cluster | query }}' +
      '{{ $first := . | first }}; of the workloads there, {{ $first.Labels.kind }} {{ $first.Labels.workload }} opened the most flows, ' +
      '{{ $first.Value | humanize }}{{ end }}.'
    ),

    snat(alerts.ConntrackSnatPortsRunningOut.high),
    snat(alerts.ConntrackSnatPortsRunningOut.nearlyExhausted),

    local setting = alerts.ConntrackInvalidPacketsHigh;
    local invalid = series('instance:conntrack_not_tracked_packets:rate5m');
    words.alert(
      'ConntrackInvalidPacketsHigh',
      setting,
      words.once('%(invalid)s > %(above)s\nand %(invalid)s > %(times)s * avg_over_time(%(invalid)s[%(baseline)s] offset %(ends)s)\n' % {
        invalid: invalid,
        above: number(setting.above),
        times: number(setting.times),
        baseline: words.duration(setting.baseline),
        ends: words.duration(setting.baselineEnds),
      }),
      'Unusually many packets are INVALID.',
      '{{ $value | humanize }} packets a second on {{ $labels.instance }} are INVALID, many times the average of this host. They pass ' +
      'without tracking and NAT, unless a rule drops them.'
    ),
  ])
)
