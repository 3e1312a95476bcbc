// Whether the measurements have a problem.
function(kit) (
  local queries = kit.queries, thresholds = kit.thresholds, alerts = kit.alerts, needs = kit.needs;
  local grown(metric) = 'sum(increase(%s[$__range]))' % queries.series(metric);

  kit.lines(3, 4, [
    kit.exportersUp,
    kit.exportersSilent,
    kit.stat(
      'Failed collectors',
      'Their metrics are missing. The table below names them. Run `conntrack_exporter check` on the host for the reason ' +
      'and the remedy.',
      'none',
      'sum(%s)' % queries.failing,
      needs.exporter,
      ['ConntrackCollectorFailed']
    ) + kit.coloured(thresholds.any(alerts.ConntrackCollectorFailed.severity)),
    kit.stat(
      'Oldest sample',
      'Age of the oldest sample that a host still shows. All flow metrics of that host are as old.',
      's',
      'max(%s)' % queries.series('conntrack_flows_sample_age_seconds'),
      needs.flows,
      ['ConntrackFlowsSampleOld']
    ) + kit.coloured(thresholds.above([alerts.ConntrackFlowsSampleOld], field='olderThan')) + kit.decimals(1),
    kit.stat(
      'Slowest scrape',
      'Duration of the slowest of the last scrapes. Prometheus gives up at `scrape_timeout` (10 s by default).',
      's',
      'max(%s)' % queries.ours(queries.series('scrape_duration_seconds')),
      needs.exporter
    ) + kit.coloured(thresholds.neutral) + kit.decimals(2),
    kit.stat(
      'Events lost',
      'Events lost on all hosts in the time range. Above 0, event metrics are too low: raise ' +
      '`--collector.events.buffer-bytes`.',
      'none',
      grown('conntrack_events_lost_total'),
      needs.events
    ) + kit.coloured(thresholds.any('warning')) + kit.decimals(0),
    kit.stat(
      'Unparsed kernel messages',
      'Kernel messages in the time range that could not be parsed as a flow or an event. Above 0: a bug, or a kernel ' +
      'newer than this version. Please report it.',
      'none',
      '%s + (%s or vector(0))' % [grown('conntrack_flows_sample_skipped_total'), grown('conntrack_events_skipped_total')],
      needs.flows
    ) + kit.coloured(thresholds.any('warning')) + kit.decimals(0),
    kit.stat(
      'Exporter restarts',
      'Starts of exporters in the time range. If there are more than you expect, check the log and the memory limit.',
      'none',
      'sum(%s)' % queries.ours('changes(%s[$__range])' % queries.series('process_start_time_seconds')),
      needs.process
    ) + kit.coloured(thresholds.neutral),
  ])
)
