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
    'Targets that do not answer now, of a job that is named after conntrack or that were an exporter lately. Nobody watches ' +
    'their tables: look at the service, and at the page "Targets" of Prometheus.',
    'none',
    'count(%s) or vector(0)' % kit.queries.silent,
    'no answer from Prometheus',
    ['ConntrackExporterDown']
  ) + kit.coloured(kit.thresholds.any(kit.alerts.ConntrackExporterDown.unseen.severity)),

  // A link from a row of a table to the dashboard of that machine.
  toNode:: {
    title: 'Open ${__data.fields.instance}',
    url: '/d/conntrack-node?${__url_time_range}&${datasource:queryparam}' +
         '&var-cluster=${__data.fields.cluster}&var-job=${__data.fields.job}&var-instance=${__data.fields.instance}',
    targetBlank: false,
  },

  // The name of a line that is one machine.
  legend:: '{{instance}} {{cluster}}',

  // Causes of loss, the alert of each, and the part of it that is about packets a second.
  causes:: [
    { name: 'table_full', alert: 'ConntrackTableFull', setting: kit.alerts.ConntrackTableFull.losing },
    { name: 'chain_too_long', alert: 'ConntrackChainsTooLong', setting: kit.alerts.ConntrackChainsTooLong.losing },
    { name: 'unresolved_clash', alert: 'ConntrackClashesLost', setting: kit.alerts.ConntrackClashesLost },
    { name: 'unknown', alert: 'ConntrackTableFull', setting: kit.alerts.ConntrackTableFull.losing },
  ],
  lossSteps(setting):: kit.thresholds.above([kit.alerts.ConntrackPacketsLost, setting]),
  causeName(cause):: std.strReplace(cause.name, '_', ' '),
}
