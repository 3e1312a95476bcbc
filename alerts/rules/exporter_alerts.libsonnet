// The figures themselves are missing or old.
function(words, config) (
  local series = words.series, lately = words.lately, number = words.number, alerts = config.alerts;

  words.group('conntrack-exporter', [
    local setting = alerts.ConntrackCollectorFailed;
    words.alert(
      'ConntrackCollectorFailed',
      setting,
      '%s == 0\n' % lately(series('conntrack_scrape_collector_success')),
      'A collector of the conntrack exporter fails.',
      'The collector {{ $labels.collector }} of {{ $labels.instance }} fails, and its metrics are missing. `conntrack_exporter ' +
      'check` on that host says why, and what to do.'
    ),

    local setting = alerts.ConntrackFlowsSampleOld;
    words.alert(
      'ConntrackFlowsSampleOld',
      setting,
      '%s > %s\n' % [lately(series('conntrack_flows_sample_age_seconds')), number(setting.olderThan / config.speed)],
      'The figures of flows are old.',
      'The last walk of the table of {{ $labels.instance }} was complete {{ $value | humanizeDuration }} ago. All figures of flows ' +
      'are from then.'
    ),

    // Any target that has ever been one of ours: no job name has to be known.
    local setting = alerts.ConntrackExporterDown;
    words.alert(
      'ConntrackExporterDown',
      setting,
      |||
        %s == 0
        and on (cluster, job, instance) max_over_time(%s[%s])
      ||| % [series('up'), series('conntrack_exporter_build_info'), words.duration(setting.knownFor)],
      'A conntrack exporter cannot be scraped.',
      'Prometheus cannot scrape {{ $labels.instance }}: nobody watches its connection tracking table.'
    ),

    local setting = alerts.ConntrackExporterAbsent;
    words.alert(
      'ConntrackExporterAbsent',
      setting,
      'absent(%s)\n' % series('conntrack_exporter_build_info'),
      'No conntrack exporter is scraped at all.',
      'Prometheus has no metrics of any conntrack exporter: the job is missing, or finds no targets.',
      dashboard=config.fleetDashboardUrl
    ),
  ])
)
