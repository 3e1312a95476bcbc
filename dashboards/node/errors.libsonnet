// What is lost, and what cannot be tracked.
function(kit) (
  local queries = kit.queries, alerts = kit.alerts, needs = kit.needs;

  kit.row('Errors', [
    kit.line(8, [
      kit.timeseries(
        'Packets lost, by cause',
        'Packets of new connections that were dropped. Table full: raise the limit, or find what fills it. Chain too long: ' +
        'more buckets. Unresolved clash: two packets of one new connection at once, DNS over UDP as a rule. "unknown" is ' +
        'kernels before 5.10.',
        'pps',
        [
          kit.over(queries.lost[cause.name], kit.causeName(cause))
          for cause in kit.causes
        ],
        needs.stat,
        ['ConntrackTableFull', 'ConntrackChainsTooLong', 'ConntrackClashesLost', 'ConntrackPacketsRefused', 'ConntrackPacketsLost']
      ) + kit.stacked + kit.width(16),
      kit.timeseries(
        'Kernel log: table full',
        'Lines in the kernel log, of the whole host: the table may be that of a container. A lower bound, since the kernel ' +
        'writes few of them; the counters of packets are exact.',
        'short',
        [kit.over(queries.increase('conntrack_kernel_log_messages_total'), '{{message}}')],
        needs.kernelLog,
        ['ConntrackKernelLogTableFull']
      ) + kit.width(8),
    ]),
    kit.line(8, [
      kit.timeseries(
        'Not tracked: INVALID packets',
        'Packets that fit no connection. They are not lost: they pass untracked and untranslated, unless a rule drops state ' +
        'INVALID. "unanswered" is TCP connections a second that get no answer: flows in SYN_SENT by their timeout. Many of both: ' +
        'asymmetric routing, the answers take another way. Only unanswered: a flood, or a service that is gone. Only invalid: ' +
        'timeouts that are too short.',
        'pps',
        [
          kit.over(queries.counter('invalid'), 'invalid'),
          kit.over('sum without (family) (%s) / %s' % [
            queries.series('conntrack_flows', 'protocol="tcp", flow_state="SYN_SENT"'),
            queries.series('conntrack_timeout_seconds', 'protocol="tcp", flow_state="SYN_SENT"'),
          ], 'unanswered'),
        ],
        needs.stat,
        ['ConntrackInvalidPacketsHigh', 'ConntrackAsymmetricRouting']
      ) + kit.coloured(kit.thresholds.above([alerts.ConntrackInvalidPacketsHigh]), drawn=true),
      kit.timeseries(
        'Clashes',
        'Insertions that met the same entry. Resolved ones lose nothing. insert_failed is packets lost to clashes and chains ' +
        'since Linux 5.10; before that it counts resolved clashes too, and overstates the loss.',
        'cps',
        [
          kit.over(queries.counter('clash_resolve'), 'resolved'),
          kit.over(queries.counter('insert_failed'), 'insert_failed'),
        ],
        needs.stat,
        ['ConntrackClashesLost']
      ),
      kit.timeseries(
        'Broken ICMP errors',
        'ICMP and ICMPv6 error messages that are broken (before Linux 5.10: errors of any protocol). A few are noise; many are ' +
        'forged.',
        'pps',
        [kit.over(queries.counter('error'), 'error')],
        needs.stat
      ),
    ]),
    kit.line(8, [
      kit.timeseries(
        'EC2: packets above an allowance',
        'What EC2 dropped, or for bandwidth and packets a second (pps) also queued, because the instance was above what its type is ' +
        "allowed. conntrack: EC2 tracks no more connections, whatever room the kernel's table has. linklocal: DNS, time and " +
        'metadata services of the instance.',
        'pps',
        [kit.over('sum without (interface) (%s)' % queries.rate('conntrack_ena_allowance_exceeded_total'), '{{allowance}}')],
        needs.ena,
        ['ConntrackEnaAllowanceExceeded']
      ) + kit.coloured(kit.thresholds.above([alerts.ConntrackEnaAllowanceExceeded.losing])),
      kit.timeseries(
        'EC2: connections that can still be tracked',
        'At 0 EC2 drops packets of new connections. Only newer versions of the driver ena report it.',
        'short',
        [kit.over('min without (interface) (%s)' % queries.series('conntrack_ena_allowance_available'), 'available')],
        needs.ena,
        ['ConntrackEnaAllowanceExceeded']
      ),
    ]),
  ])
)
