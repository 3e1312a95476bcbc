// What the exporter takes.
function(kit) (
  local queries = kit.queries, none = kit.needs.process;
  local process(title, description, unit, expr) = (
    kit.timeseries(title, description, unit, [kit.over(queries.ours(expr), kit.legend)], none)
  );

  kit.row('The process', [kit.line(8, [
    process(
      'CPU',
      'Share of one CPU. Walks of the table are held within --collector.flows.cpu-share (0.1); events cost a microsecond each.',
      'percentunit',
      queries.rate('process_cpu_seconds_total')
    ),
    process(
      'Resident memory',
      'It does not grow with the table: a few megabytes and the mapped libraries. Steady growth is a bug, please report it.',
      'bytes',
      queries.series('process_resident_memory_bytes')
    ),
    process(
      'Open files, of those allowed',
      'Descriptors in use as a share of the limit. Near 100 % it cannot answer scrapes: look for clients that do not close.',
      'percentunit',
      '%s / %s' % [queries.series('process_open_fds'), queries.series('process_max_fds')]
    ) + kit.ratio,
    process(
      'Up time',
      'Time since the exporter started. Counters of its own begin anew at a start, those of the kernel do not.',
      's',
      'time() - ' + queries.series('process_start_time_seconds')
    ),
  ])])
)
