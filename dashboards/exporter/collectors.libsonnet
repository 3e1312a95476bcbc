// Failed collectors, and how long collectors take.
function(kit) (
  local queries = kit.queries, needs = kit.needs, alert = kit.alerts.ConntrackCollectorFailed;

  kit.row('Collectors', [
    kit.line(9, [
      kit.table(
        'Failed collectors by host',
        'Collectors whose metrics are missing. Usual causes: a missing capability, or a file that cannot be read. Run ' +
        '`conntrack_exporter check` on the host. A module that is not loaded is not a failure: see ' +
        '`conntrack_table_present` and `conntrack_ctnetlink_present`.',
        'none',
        [kit.cells('failed', '%s == 0' % queries.series('conntrack_scrape_collector_success'))],
        'no collector fails',
        [{ instance: 'instance' }, { cluster: 'cluster' }, { job: 'job' }, { collector: 'collector' }],
        ['ConntrackCollectorFailed']
      ) + kit.width(8),
      kit.timeseries(
        'Hosts by failed collector',
        'Number of hosts on which each collector fails. A step on all hosts at once is a change of privileges or of the ' +
        'kernel. Collectors that did not fail in the time range are not shown.',
        'none',
        [kit.over(
          'sum by (collector) (%s) and min by (collector) (min_over_time(%s[$__range] @ end())) == 0' %
          [queries.failing, queries.series('conntrack_scrape_collector_success')],
          '{{collector}}'
        )],
        'no collector failed, or no exporter here',
        ['ConntrackCollectorFailed']
      ) + kit.coloured(kit.thresholds.any(alert.severity)) + kit.width(8),
      kit.timeseries(
        'Collector duration',
        'Time that each collector took for the values in the last scrape, on the slowest host. `flows` waits for a walk of ' +
        'the table; all others should take milliseconds.',
        's',
        [kit.over('max by (collector) (%s)' % queries.series('conntrack_scrape_collector_duration_seconds'), '{{collector}}')],
        needs.exporter
      ) + kit.width(8),
    ]),
    kit.line(8, [
      kit.timeseries(
        'Scrape duration',
        'As Prometheus measures it, including the network. Scrapes fail at `scrape_timeout` (10 s by default).',
        's',
        [kit.over(queries.ours(queries.series('scrape_duration_seconds')), kit.legend)],
        needs.exporter,
        ['ConntrackExporterDown']
      ),
      kit.timeseries(
        'Series per scrape',
        'Number of series of a host. It is bounded. A jump means that a collector was turned ' +
        'on, or that namespaces or zones appeared.',
        'short',
        [kit.over(queries.ours(queries.series('scrape_samples_scraped')), kit.legend)],
        needs.exporter
      ),
      kit.timeseries(
        'Web configuration reload',
        '1: the file of `--web.config.file` is in use. 0: the file is broken, and the last good one is in use. Correct ' +
        'the line that the log names; no restart is needed.',
        'none',
        [kit.over(queries.series('conntrack_exporter_web_config_reload_success'), kit.legend)],
        'no host uses --web.config.file'
      ) + kit.ratio,
    ]),
  ])
)
