// One line for each host.
function(kit) (
  local queries = kit.queries, thresholds = kit.thresholds, alerts = kit.alerts;
  local utilisation = alerts.ConntrackTableUtilisationHigh;
  local machine = queries.machine;
  local each(expr) = 'sum by (%s) (%s)' % [machine, expr];
  local share = kit.thresholds.above([utilisation.high, utilisation.nearlyFull]);
  local colour = { 'custom.cellOptions': { type: 'color-text' } };
  // For each job that scrapes the host: alerts have no job.
  local known = '0 * max by (%s) (%s)' % [machine, queries.buildInfo];
  local firing(severity) = '%s + on (cluster, instance) group_left () count by (cluster, instance) (%s) or %s' % [
    known,
    queries.alertsOf('="%s"' % severity),
    known,
  ];

  // In pixels, so that the table fits into 1600, or 1700 with clusters. The instance takes the rest.
  local widths = {
    cluster: 120,
    job: 150,
    entries: 75,
    limit: 75,
    peak: 75,
    'full in': 90,
    'table full': 90,
    'chain too long': 120,
    'unresolved clash': 135,
    unknown: 85,
    evicted: 80,
    critical: 75,
    warning: 80,
    version: 75,
  };

  local cells =
    [
      kit.cells('entries', each(queries.entries)),
      kit.cells('limit', each(queries.limit)),
      kit.cells('usage', each(queries.utilisation)),
      // The highest peak in the time range.
      kit.cells('peak', each('max_over_time(%s[$__range]) / %s' % [queries.series('conntrack_entries_peak'), queries.limited])),
      kit.cells('full', each(queries.timeToFull)),
    ] + [
      kit.cells(cause.name, each(queries.lost[cause.name]))
      for cause in kit.causes
    ] + [
      kit.cells('evicted', each(queries.counter('early_drop'))),
      kit.cells('critical', firing('critical')),
      kit.cells('warning', firing('warning')),
      kit.cells('version', 'max by (%s, version) (%s)' % [machine, queries.buildInfo]),
    ];
  local columns =
    [
      { instance: 'instance' },
      { cluster: 'cluster' },  // if there is that label
      { job: 'job' },
      { 'Value #usage': 'usage' },
      { 'Value #entries': 'entries' },
      { 'Value #limit': 'limit' },
      { 'Value #peak': 'peak' },
      { 'Value #full': 'full in' },
    ] + [{ ['Value #' + cause.name]: kit.causeName(cause) } for cause in kit.causes] + [
      { 'Value #evicted': 'evicted' },
      { 'Value #critical': 'critical' },
      { 'Value #warning': 'warning' },
      { version: 'version' },
    ];

  kit.table(
    'Hosts',
    'One line for each host, the fullest first. Click an instance to open its dashboard. `peak`: highest usage in the time ' +
    'range; `full in`: time to the limit at the recent growth, if more than half full; then packets lost a second by cause, ' +
    'entries evicted a second, firing alerts.',
    'short',
    cells,
    kit.needs.exporter,
    columns,
    // For every column that has a threshold.
    std.set(
      ['ConntrackTableUtilisationHigh', 'ConntrackTableFillingUp', 'ConntrackEarlyDrops', 'ConntrackPacketsLost'] +
      [cause.alert for cause in kit.causes]
    ),
    sort='usage'
  ) + kit.override('instance', {
    links: [kit.toNode],
    'custom.minWidth': 190,
  }) + kit.override('usage', {
    unit: 'percentunit',
    decimals: 1,
    min: 0,
    max: 1,
    thresholds: share,
    'custom.cellOptions': { type: 'gauge', mode: 'gradient' },
    'custom.width': 150,
  }) + kit.override('peak', { unit: 'percentunit', decimals: 1, thresholds: share } + colour)
  + kit.override('full in', {
    unit: 's',
    thresholds: thresholds.below(alerts.ConntrackTableFillingUp.severity, alerts.ConntrackTableFillingUp.within),
  } + colour) + std.foldl(
    function(done, cause) done + kit.override(kit.causeName(cause), {
      unit: 'pps',
      thresholds: kit.lossSteps(cause.setting),
    } + colour),
    kit.causes,
    {}
  ) + kit.override('evicted', { unit: 'cps', thresholds: thresholds.above([alerts.ConntrackEarlyDrops]) } + colour)
  + kit.override('critical', { unit: 'none', thresholds: thresholds.any('critical') } + colour)
  + kit.override('warning', { unit: 'none', thresholds: thresholds.any('warning') } + colour)
  + std.foldl(function(done, column) done + kit.override(column, { 'custom.width': widths[column] }), std.objectFields(widths), {})
)
