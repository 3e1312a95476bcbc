// Lost packets, and packets that cannot be tracked.
function(kit) (
  local queries = kit.queries, alerts = kit.alerts, needs = kit.needs;

  kit.row('Errors', [
    kit.line(8, [
      kit.timeseries(
        'Packets lost by cause',
        'Packets of new connections that were dropped. For a full table raise the limit or find what fills it; for long ' +
        'chains add buckets; unresolved clashes are usually DNS over UDP. "unknown": kernels before 5.10 do not ' +
        'distinguish the causes.',
        'pps',
        [
          kit.over(queries.lost[cause.name], kit.causeName(cause))
          for cause in kit.causes
        ],
        needs.stat,
        ['ConntrackTableFull', 'ConntrackChainsTooLong', 'ConntrackClashesLost', 'ConntrackPacketsRefused', 'ConntrackPacketsLost']
      ) + kit.stacked + kit.width(16),
      kit.timeseries(
        'Table full in the kernel log',
        'Lines about a full table in the kernel log of the whole host, including its containers. The kernel writes few of ' +
        'these lines, so this is a lower bound. The packet counters are exact.',
        'short',
        [kit.over(queries.increase('conntrack_kernel_log_messages_total'), '{{message}}')],
        needs.kernelLog,
        ['ConntrackKernelLogTableFull']
      ) + kit.width(8),
    ]),
    kit.line(8, [
      kit.timeseries(
        'INVALID packets',
        'INVALID packets fit no connection: they pass untracked and untranslated, unless a rule drops them. "unanswered": ' +
        'TCP connections a second without an answer (flows in SYN_SENT / their timeout). Many of both: asymmetric ' +
        'routing; only unanswered: a flood or a dead service; only INVALID: timeouts that are too short.',
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
        'Two packets made the same entry at the same time. Resolved clashes lose nothing; `insert_failed` counts packets ' +
        'lost to clashes and long chains. Before Linux 5.10 it also counts resolved clashes.',
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
        'Broken ICMP and ICMPv6 error messages; before Linux 5.10, errors of any protocol. A few are normal; ' +
        'if there are many, they are forged.',
        'pps',
        [kit.over(queries.counter('error'), 'error')],
        needs.stat
      ),
    ]),
    kit.line(8, [
      kit.timeseries(
        'EC2 packets above an allowance',
        'Packets that EC2 dropped, or queued (bandwidth and pps only), because the instance was above an allowance of its ' +
        "type. `conntrack`: EC2 tracks no more connections, even if the kernel's table has room. `linklocal`: DNS, time " +
        'and metadata services.',
        'pps',
        [kit.over('sum without (interface) (%s)' % queries.rate('conntrack_ena_allowance_exceeded_total'), '{{allowance}}')],
        needs.ena,
        ['ConntrackEnaAllowanceExceeded']
      ) + kit.coloured(kit.thresholds.above([alerts.ConntrackEnaAllowanceExceeded.losing])),
      kit.timeseries(
        'EC2 connections available',
        'Connections that EC2 can still track. At 0 EC2 drops packets of new connections. Only newer versions of the ' +
        'driver ena report it.',
        'short',
        [kit.over('min without (interface) (%s)' % queries.series('conntrack_ena_allowance_available'), 'available')],
        needs.ena,
        ['ConntrackEnaAllowanceExceeded']
      ),
    ]),
  ])
)
