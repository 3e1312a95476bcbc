// The figures themselves are missing or old.
function(words, config) (
  local series = words.series, lately = words.lately, number = words.number, alerts = config.alerts;
  local buildInfo = series('conntrack_exporter_build_info'), up = series('up');

  // Expected targets that do not answer: those of jobs that match jobPattern, even if they never answered, and those that were
  // exporters lately.
  local silent(setting) = '%s == 0 or %s == 0 and on (cluster, job, instance) max_over_time(%s[%s])' % [
    series('up', 'job=~"%s"' % config.jobPattern),
    up,
    buildInfo,
    words.duration(setting.knownFor),
  ];
  // And those for which the alert already fires, however long ago that was. No alert where another job reaches the same exporter.
  local firing(setting) = words.firing('ConntrackExporterDown', { severity: setting.severity });
  local down(setting) = |||
    (
      %(silent)s
      or %(up)s == 0 and on (cluster, instance) %(firing)s
    )
    unless on (cluster, instance) %(buildInfo)s
  ||| % { silent: silent(alerts.ConntrackExporterDown), up: up, firing: firing(setting), buildInfo: buildInfo };
  local isDown(setting, when, consequence) = words.alert(
    'ConntrackExporterDown',
    setting,
    words.once(down(setting) + when),
    'Prometheus cannot scrape a conntrack exporter.',
    'Prometheus cannot scrape {{ $labels.instance }}' + consequence
  );

  words.group('conntrack-exporter', [
    words.alert(
      'ConntrackCollectorFailed',
      alerts.ConntrackCollectorFailed,
      words.once('%s == 0\n' % lately(series('conntrack_scrape_collector_success'))),
      'A collector of the conntrack exporter fails.',
      'The collector {{ $labels.collector }} of {{ $labels.instance }} fails, and its metrics are missing. `conntrack_exporter ' +
      'check` on that host gives the reason and the remedy.'
    ),

    local setting = alerts.ConntrackFlowsSampleOld;
    words.alert(
      'ConntrackFlowsSampleOld',
      setting,
      words.once('%s > %s\n' % [
        lately(series('conntrack_flows_sample_age_seconds')),
        number(setting.olderThan / config.speed),
      ]),
      'The figures of flows are old.',
      'The exporter on {{ $labels.instance }} last completed a walk of the table {{ $value | humanizeDuration }} ago. All figures ' +
      'of flows are from that walk.'
    ),

    isDown(alerts.ConntrackExporterDown.unseen, '', ': nobody watches its connection tracking table.'),
    local setting = alerts.ConntrackExporterDown.unseenWhileFull;
    isDown(
      setting,
      |||
        and on (cluster, instance) (
          last_over_time(%(ratio)s[%(lastKnown)s]) > %(above)s
          or last_over_time(%(lost)s[%(lastKnown)s]) > %(packets)s
          or %(firing)s
        )
      ||| % {
        ratio: series('instance:conntrack_entries_per_limit:ratio'),
        lost: series('instance:conntrack_lost_packets:increase70m'),
        lastKnown: words.duration(setting.lastKnown),
        above: number(setting.above),
        packets: number(alerts.ConntrackTableFull.lost.above),
        firing: firing(setting),
      },
      ', and its connection tracking table was nearly full, or lost packets, when it was last seen.'
    ),

    // A job that had exporters has no such target any more. Targets that are down have ConntrackExporterDown.
    local setting = alerts.ConntrackExporterAbsent;
    words.alert(
      'ConntrackExporterAbsent',
      setting,
      |||
        group by (cluster, job) (max_over_time(%(buildInfo)s[%(known)s]))
        unless on (cluster, job) %(seen)s
        unless on (cluster, job) (%(silent)s)
      ||| % {
        buildInfo: buildInfo,
        known: words.duration(setting.knownFor),
        seen: lately(buildInfo),
        silent: silent(setting),
      },
      'All conntrack exporters of a job are gone.',
      'The job {{ $labels.job }} had conntrack exporters within the last day and has no such target any more: service discovery ' +
      'or the configuration of Prometheus changed.',
      dashboard=config.fleetDashboardUrl
    ),
  ])
)
