// Panels and names that more than one dashboard uses.
function(kit) {
  exportersUp:: kit.stat(
    'Hosts scraped',
    'Exporters that answered the last scrape. If one is missing, look at the page Targets of Prometheus.',
    'none',
    'count(%s)' % kit.queries.buildInfo,
    kit.needs.exporter,
    ['ConntrackExporterAbsent']
  ) + kit.coloured(kit.thresholds.neutral),
  exportersSilent:: kit.stat(
    'Silent hosts',
    'Targets that do not answer, if the job is named after conntrack or the target was an exporter recently. Their tables are ' +
    'not monitored. Check the service, and the page Targets of Prometheus.',
    'none',
    'count(%s) or vector(0)' % kit.queries.silent,
    'no answer from Prometheus',
    ['ConntrackExporterDown']
  ) + kit.coloured(kit.thresholds.any(kit.alerts.ConntrackExporterDown.unseen.severity)),

  // A link from a row of a table to the dashboard of that host.
  toNode:: {
    title: 'Open ${__data.fields.instance}',
    url: '/d/conntrack-node?${__url_time_range}&${datasource:queryparam}' +
         '&var-cluster=${__data.fields.cluster}&var-job=${__data.fields.job}&var-instance=${__data.fields.instance}',
    targetBlank: false,
  },

  // The legend of a line for one host.
  legend:: '{{instance}} {{cluster}}',

  // Causes of loss, the alert for each, and its threshold in packets a second.
  causes:: [
    { name: 'table_full', alert: 'ConntrackTableFull', setting: kit.alerts.ConntrackTableFull.losing },
    { name: 'chain_too_long', alert: 'ConntrackChainsTooLong', setting: kit.alerts.ConntrackChainsTooLong.losing },
    { name: 'unresolved_clash', alert: 'ConntrackClashesLost', setting: kit.alerts.ConntrackClashesLost },
    { name: 'unknown', alert: 'ConntrackTableFull', setting: kit.alerts.ConntrackTableFull.losing },
  ],
  lossSteps(setting):: kit.thresholds.above([kit.alerts.ConntrackPacketsLost, setting]),
  causeName(cause):: std.strReplace(cause.name, '_', ' '),
}
