// Alerts on missing or old metrics.
function(words, config) (
  local series = words.series, lately = words.lately, number = words.number, alerts = config.alerts;
  local up = series('target:conntrack_exporter:up'), window = words.duration(alerts.ConntrackExporterDown.flapping);
  // Targets that do not answer, or only now and then. No alert if another job reaches the same exporter.
  local down = |||
    (
      (%(up)s == 0 or %(expected)s == 0)
      unless on (cluster, instance) %(up)s == 1
    )
    or (
      avg_over_time(%(up)s[%(window)s]) < 0.5
      and changes(%(up)s[%(window)s]) > 2
      unless on (cluster, instance) avg_over_time(%(up)s[%(window)s]) >= 0.5
    )
  ||| % { up: up, expected: series('up', 'job=~"%s"' % config.jobPattern), window: window };
  local isDown(setting, when, consequence) = words.alert(
    'ConntrackExporterDown',
    setting,
    words.once(if when == '' then down else '(\n%s)\n%s' % [words.indented(down), when]),
    'Prometheus cannot scrape a conntrack exporter.',
    'Prometheus cannot scrape {{ $labels.instance }}' + consequence
  );

  words.group('conntrack-exporter', [
    words.alert(
      'ConntrackCollectorFailed',
      alerts.ConntrackCollectorFailed,
      words.once('avg_over_time(%s[%s]) < 0.5\n' % [
        series('conntrack_scrape_collector_success'),
        words.duration(alerts.ConntrackCollectorFailed.mostOf),
      ]),
      'A collector of the conntrack exporter fails.',
      'The collector {{ $labels.collector }} of {{ $labels.instance }} fails, and its metrics are missing.'
    ),

    local setting = alerts.ConntrackFlowsSampleOld;
    words.alert(
      'ConntrackFlowsSampleOld',
      setting,
      words.once('%s > %s\n' % [
        lately(series('conntrack_flows_sample_age_seconds')),
        number(setting.olderThan / config.speed),
      ]),
      'The flow metrics are out of date.',
      'The exporter on {{ $labels.instance }} last completed a walk of the table {{ $value | humanizeDuration }} ago. All flow ' +
      'metrics are from that walk.'
    ),

    isDown(alerts.ConntrackExporterDown.unseen, '', ', so its connection tracking table is not monitored.'),
    local setting = alerts.ConntrackExporterDown.unseenWhileFull;
    isDown(
      setting,
      |||
        and on (cluster, instance) (
          last_over_time(%(ratio)s[%(lastKnown)s]) > %(above)s
          or sum without (cause) (max_over_time(%(lost)s[%(lately)s])) > %(packets)s
          or last_over_time(%(firing)s[%(restart)s]) unless on (cluster, instance) max_over_time(%(up)s[%(lately)s]) == 1
        )
      ||| % {
        ratio: series('instance:conntrack_entries_per_limit:ratio'),
        lost: series('instance:conntrack_lost_packets:rate5m', 'cause=~"table_full|chain_too_long"'),
        up: up,
        lastKnown: words.duration(setting.lastKnown),
        lately: words.duration(2 * config.rateWindow),
        above: number(setting.above),
        packets: number(alerts.ConntrackTableFull.losing.above),
        firing: words.firing('ConntrackExporterDown', { severity: setting.severity }),
        restart: words.duration(setting.restart),
      },
      ', and at the last scrape its connection tracking table was nearly full, or lost packets.'
    ),

    // A job that had exporters has none of these targets now. For targets that are down, ConntrackExporterDown fires.
    local setting = alerts.ConntrackExporterAbsent;
    words.alert(
      'ConntrackExporterAbsent',
      setting,
      |||
        group by (cluster, job) (max_over_time(%(up)s[%(known)s]))
        unless on (cluster, job) %(lately)s
      ||| % { up: up, known: words.duration(setting.knownFor), lately: lately(up) },
      'All conntrack exporters of a job are gone.',
      'The job {{ $labels.job }} had conntrack exporters but has no such target now. Check service discovery and the configuration ' +
      'of Prometheus.',
      dashboard=config.fleetDashboardUrl
    ),
  ])
)
