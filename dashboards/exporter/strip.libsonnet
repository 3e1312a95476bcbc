// Is anything wrong with what is measured.
function(kit) (
  local queries = kit.queries, thresholds = kit.thresholds, alerts = kit.alerts, needs = kit.needs;
  local grown(metric) = 'sum(increase(%s[$__range]))' % queries.series(metric);

  kit.lines(3, 4, [
    kit.exportersUp,
    kit.exportersSilent,
    kit.stat(
      'Collectors that fail',
      'What they measure is missing. The table below names them; `conntrack_exporter check` on the machine says why, and what ' +
      'to do.',
      'none',
      'sum(%s)' % queries.failing,
      needs.exporter,
      ['ConntrackCollectorFailed']
    ) + kit.coloured(thresholds.any(alerts.ConntrackCollectorFailed.severity)),
    kit.stat(
      'Oldest sample',
      'Age of the oldest walk of a table that a machine still shows. All its figures of flows are from then.',
      's',
      'max(%s)' % queries.series('conntrack_flows_sample_age_seconds'),
      needs.flows,
      ['ConntrackFlowsSampleOld']
    ) + kit.coloured(thresholds.above([alerts.ConntrackFlowsSampleOld], field='olderThan')) + kit.decimals(1),
    kit.stat(
      'Slowest scrape',
      'Of the last one of each machine. Prometheus gives up at scrape_timeout, 10 s unless it was changed.',
      's',
      'max(%s)' % queries.ours(queries.series('scrape_duration_seconds')),
      needs.exporter
    ) + kit.coloured(thresholds.neutral) + kit.decimals(2),
    kit.stat(
      'Events lost',
      'In the time that is shown, of all machines. More than 0: figures of events are too low; raise ' +
      '--collector.events.buffer-bytes.',
      'none',
      grown('conntrack_events_lost_total'),
      needs.events
    ) + kit.coloured(thresholds.any('warning')) + kit.decimals(0),
    kit.stat(
      'Messages not understood',
      'Messages of the kernel that could not be read as a flow or an event, in the time that is shown. More than 0 is a bug, ' +
      'or a kernel newer than this version: please report it.',
      'none',
      '%s + (%s or vector(0))' % [grown('conntrack_flows_sample_skipped_total'), grown('conntrack_events_skipped_total')],
      needs.flows
    ) + kit.coloured(thresholds.any('warning')) + kit.decimals(0),
    kit.stat(
      'Restarts',
      'Starts of exporters in the time that is shown. More than those that you know of: look at the log, and at the memory limit.',
      'none',
      'sum(%s)' % queries.ours('changes(%s[$__range])' % queries.series('process_start_time_seconds')),
      needs.process
    ) + kit.coloured(thresholds.neutral),
  ])
)
