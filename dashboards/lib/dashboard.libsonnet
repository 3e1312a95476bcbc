// A dashboard around its panels: variables, links, annotations.
function(config, queries) {
  local dashboard = self,
  local datasource = { type: 'prometheus', uid: '${datasource}' },

  local variable(name, label, query, all, allValue='.+') = {
    name: name,
    label: label,
    type: 'query',
    datasource: datasource,
    query: { query: query, refId: 'variable-' + name },
    definition: query,
    multi: true,
    includeAll: all,
    allValue: allValue,
    refresh: 2,
    sort: 1,
    regex: '',
    hide: 0,
    skipUrlSync: false,
    options: [],
    current: {},
  },
  local values(label, metric, matchers) = (
    local all = [part for part in matchers + [config.selector] if part != ''];
    'label_values(%s%s, %s)' % [metric, if all == [] then '' else '{%s}' % std.join(', ', all), label]
  ),
  local ofExporters(label, matchers) = values(label, 'conntrack_exporter_build_info', matchers),
  local variables(everyInstance) = [
    {
      name: 'datasource',
      label: 'Data source',
      type: 'datasource',
      query: 'prometheus',
      regex: '',
      refresh: 1,
      hide: 0,
      includeAll: false,
      multi: false,
      skipUrlSync: false,
      options: [],
      current: {},
    },
    // Not every fleet has the label: `.*` matches hosts without it.
    variable('cluster', 'Cluster', values('cluster', 'conntrack_entries', []), true, allValue='.*'),
    variable('job', 'Job', ofExporters('job', ['cluster=~"$cluster"']), true),
    variable('instance', 'Instance', ofExporters('instance', ['cluster=~"$cluster"', 'job=~"$job"']), everyInstance),
  ],

  local annotation(name, colour, expr, title, text, more={}) = {
    name: name,
    datasource: datasource,
    enable: true,
    hide: false,
    iconColor: colour,
    expr: expr,
    step: '60s',
    titleFormat: title,
    textFormat: text,
    tagKeys: 'instance',
  } + more,
  // Only for one host: a whole fleet would have too many.
  nodeAnnotations:: [
    annotation('Firing alerts', 'red', queries.alerts, '{{alertname}}', '{{severity}} on {{instance}}'),
    annotation(
      'Limit changed',
      'blue',
      'changes(%s[$__rate_interval]) > 0' % queries.limit,
      'Limit changed',
      'The limit of {{instance}} changed'
    ),
    annotation(
      'Exporter started',
      'purple',
      queries.ours('1000 * ' + queries.series('process_start_time_seconds')),
      'Exporter started',
      'The exporter on {{instance}} started: its own counters restart at 0',
      { useValueForTime: true }
    ),
  ],

  local link = {
    type: 'link',
    title: '',
    url: '',
    icon: 'external link',
    tooltip: '',
    tags: [],
    asDropdown: false,
    includeVars: false,
    keepTime: false,
    targetBlank: false,
  },
  local links(uid) = [
    link { type: 'dashboards', title: 'Conntrack', tags: ['conntrack'], asDropdown: true, includeVars: true, keepTime: true },
  ] + (
    if uid == 'conntrack-fleet' then [] else [
      link {
        title: 'Fleet',
        icon: 'dashboard',
        url: '/d/conntrack-fleet?${datasource:queryparam}&${cluster:queryparam}&${job:queryparam}',
        keepTime: true,
      },
    ]
  ) + [
    link { title: 'Runbooks', icon: 'doc', url: config.runbookUrl % 'README', targetBlank: true },
  ],

  // `everyInstance`: the variable instance has All, which is its default.
  dashboard(uid, title, description, panels, everyInstance=true, annotations=[]):: {
    __requires: [
      { type: 'grafana', id: 'grafana', name: 'Grafana', version: '10.0.0' },
      { type: 'datasource', id: 'prometheus', name: 'Prometheus', version: '1.0.0' },
    ],
    id: null,
    uid: uid,
    title: title,
    description: description,
    tags: ['conntrack'],
    version: 1,
    schemaVersion: 39,
    editable: false,
    graphTooltip: 1,
    refresh: '30s',
    time: { from: 'now-1h', to: 'now' },
    timepicker: {},
    timezone: 'browser',
    fiscalYearStartMonth: 0,
    weekStart: '',
    liveNow: false,
    templating: { list: variables(everyInstance) },
    annotations: { list: annotations },
    links: links(uid),
    panels: panels,
  },
}
