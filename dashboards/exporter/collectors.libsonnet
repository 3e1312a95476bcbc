// What collectors yield, and how long they take.
function(kit) (
  local queries = kit.queries, needs = kit.needs, alert = kit.alerts.ConntrackCollectorFailed;

  kit.row('Collectors', [
    kit.line(9, [
      kit.table(
        'Collectors that fail',
        'Each is missing from the metrics of its machine. Usually it is a capability, or a file that cannot be ' +
        'read. A module that is not loaded is no failure: conntrack_table_present, conntrack_ctnetlink_present.',
        'none',
        [kit.cells('failed', '%s == 0' % queries.series('conntrack_scrape_collector_success'))],
        'none fails',
        [{ instance: 'instance' }, { cluster: 'cluster' }, { job: 'job' }, { collector: 'collector' }],
        ['ConntrackCollectorFailed']
      ) + kit.width(8),
      kit.timeseries(
        'Machines whose collector fails',
        'How many machines lack each collector. A step for all at once is a change of privileges or of a kernel. Those that never failed in this time are left out.',
        'none',
        [kit.over(
          'sum by (collector) (%s) and min by (collector) (min_over_time(%s[$__range] @ end())) == 0' %
          [queries.failing, queries.series('conntrack_scrape_collector_success')],
          '{{collector}}'
        )],
        'none failed, or no exporter here',
        ['ConntrackCollectorFailed']
      ) + kit.coloured(kit.thresholds.any(alert.severity)) + kit.width(8),
      kit.timeseries(
        'Duration of collectors',
        'Time that the reading of a collector took which a scrape shows, on the slowest machine. flows waits for a walk of the ' +
        'table; all others should take milliseconds.',
        's',
        [kit.over('max by (collector) (%s)' % queries.series('conntrack_scrape_collector_duration_seconds'), '{{collector}}')],
        needs.exporter
      ) + kit.width(8),
    ]),
    kit.line(8, [
      kit.timeseries(
        'Duration of scrapes',
        'As Prometheus sees it, the network included. Near scrape_timeout (10 s unless it was changed) scrapes begin to fail.',
        's',
        [kit.over(queries.ours(queries.series('scrape_duration_seconds')), kit.legend)],
        needs.exporter,
        ['ConntrackExporterDown']
      ),
      kit.timeseries(
        'Series of a scrape',
        'How many series a machine yields. It is bounded: a jump is a collector that was turned on, or namespaces and zones ' +
        'that appeared.',
        'short',
        [kit.over(queries.ours(queries.series('scrape_samples_scraped')), kit.legend)],
        needs.exporter
      ),
      kit.timeseries(
        'Reload of the web configuration',
        '1 where the file of --web.config.file is in use as it stands, 0 where it is broken and the last good one is used: ' +
        'correct the file, the log names the line. Nothing to restart.',
        'none',
        [kit.over(queries.series('conntrack_exporter_web_config_reload_success'), kit.legend)],
        'no machine has --web.config.file'
      ) + kit.ratio,
    ]),
  ])
)
