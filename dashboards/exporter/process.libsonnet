// Resources of the exporter.
function(kit) (
  local queries = kit.queries, none = kit.needs.process;
  local process(title, description, unit, expr) = (
    kit.timeseries(title, description, unit, [kit.over(queries.ours(expr), kit.legend)], none)
  );

  kit.row('Process', [kit.line(8, [
    process(
      'CPU usage',
      'Share of one CPU. Walks of the table are limited to `--collector.flows.cpu-share` (0.1). Each event costs a ' +
      'microsecond.',
      'percentunit',
      queries.rate('process_cpu_seconds_total')
    ),
    process(
      'Resident memory',
      'A few megabytes and the mapped libraries; it does not grow with the table. Steady growth is a bug: please report ' +
      'it.',
      'bytes',
      queries.series('process_resident_memory_bytes')
    ),
    process(
      'Open file descriptors',
      'Descriptors in use as a share of the limit. Near 100 % the exporter cannot answer scrapes: look for clients that ' +
      'do not close connections.',
      'percentunit',
      '%s / %s' % [queries.series('process_open_fds'), queries.series('process_max_fds')]
    ) + kit.ratio,
    process(
      'Uptime',
      'Time since the exporter started. Its own counters restart at 0 then; those of the kernel do not.',
      's',
      'time() - ' + queries.series('process_start_time_seconds')
    ),
  ])])
)
