// What more than one dashboard shows.
function(kit) {
  exportersUp:: kit.stat(
    'Machines scraped',
    'Exporters that answered the last scrape.',
    'none',
    'count(%s)' % kit.queries.buildInfo,
    kit.needs.exporter,
    ['ConntrackExporterAbsent']
  ) + kit.coloured(kit.thresholds.neutral),
  exportersSilent:: kit.stat(
    'Machines silent',
    'Targets that were an exporter lately and do not answer now. Nobody watches their tables: look at the service, and at the ' +
    'page "Targets" of Prometheus.',
    'none',
    'count(%s) or vector(0)' % kit.queries.silent,
    'no answer from Prometheus',
    ['ConntrackExporterDown']
  ) + kit.coloured(kit.thresholds.any(kit.alerts.ConntrackExporterDown.severity)),

  // A link from a row of a table to the dashboard of that machine.
  toNode:: {
    title: 'Open ${__data.fields.instance}',
    url: '/d/conntrack-node?${__url_time_range}&${datasource:queryparam}' +
         '&var-job=${__data.fields.job}&var-instance=${__data.fields.instance}',
    targetBlank: false,
  },

  // Causes of loss, and the alert of each.
  causes:: [
    { name: 'table_full', alert: 'ConntrackTableFull' },
    { name: 'chain_too_long', alert: 'ConntrackChainsTooLong' },
    { name: 'unresolved_clash', alert: 'ConntrackClashesLost' },
    { name: 'unknown', alert: 'ConntrackTableFull' },
  ],
  causeName(cause):: std.strReplace(cause.name, '_', ' '),
}
