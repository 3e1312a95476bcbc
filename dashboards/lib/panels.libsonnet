// The kinds of panels. Each takes what every panel must have: title, description, unit, queries, and `none`, the text for no data.
// layout.libsonnet has the positions.
function(config) {
  local panels = self,
  local thresholds = import 'thresholds.libsonnet',
  local datasource = { type: 'prometheus', uid: '${datasource}' },

  // A query over the time range. `now` asks for the last value only. `cells` is for a table, whose column is `Value #NAME`.
  over(expr, legend=''):: { expr: expr, legendFormat: legend, range: true, instant: false, format: 'time_series' },
  now(expr, legend=''):: panels.over(expr, legend) { range: false, instant: true },
  cells(name, expr):: panels.now(expr) { format: 'table', refId: name },

  local panel(type, title, description, unit, targets, none, alerts) = {
    type: type,
    title: title,
    description: description,
    datasource: datasource,
    pluginVersion: '10.0.0',
    targets: [
      { refId: std.char(std.codepoint('A') + i) } + targets[i] { datasource: datasource }
      for i in std.range(0, std.length(targets) - 1)
    ],
    fieldConfig: {
      defaults: { unit: unit, noValue: none, thresholds: thresholds.none, color: { mode: 'thresholds' } },
      overrides: [],
    },
    links: [{ title: 'Runbook: ' + alert, url: config.runbookUrl % alert, targetBlank: true } for alert in alerts],
  },
  local reduced = { calcs: ['lastNotNull'], fields: '', values: false },

  // One number with a colour.
  stat(title, description, unit, expr, none, alerts=[], legend='')::
    panel('stat', title, description, unit, [panels.now(expr, legend)], none, alerts) {
      options: {
        reduceOptions: reduced,
        colorMode: 'value',
        graphMode: 'none',
        justifyMode: 'auto',
        orientation: 'auto',
        textMode: 'auto',
      },
    },

  // Lines over time. The axis starts at 0, because shares and rates are never below.
  timeseries(title, description, unit, targets, none, alerts=[])::
    panel('timeseries', title, description, unit, targets, none, alerts) {
      fieldConfig+: { defaults+: {
        min: 0,
        color: { mode: 'palette-classic' },
        custom: {
          drawStyle: 'line',
          lineInterpolation: 'linear',
          lineWidth: 1,
          fillOpacity: 10,
          showPoints: 'never',
          spanNulls: false,
          axisPlacement: 'auto',
          stacking: { mode: 'none', group: 'A' },
          thresholdsStyle: { mode: 'off' },
        },
      } },
      options: {
        legend: { showLegend: true, displayMode: 'list', placement: 'bottom', calcs: [] },
        tooltip: { mode: 'multi', sort: 'desc' },
      },
    },

  // Bars of the last values.
  bargauge(title, description, unit, targets, none, alerts=[])::
    panel('bargauge', title, description, unit, targets, none, alerts) {
      fieldConfig+: { defaults+: { min: 0 } },
      options: {
        reduceOptions: reduced,
        displayMode: 'gradient',
        orientation: 'horizontal',
        showUnfilled: true,
        valueMode: 'color',
        sizing: 'manual',  // two bars are as high as ten
        minVizWidth: 0,
        minVizHeight: 10,
        maxVizHeight: 24,
      },
    },

  // Rows of instant queries (`cells`). `columns` in their order: { field: name of the column }. Other fields are not shown.
  table(title, description, unit, targets, none, columns, alerts=[], join=null, sort=null)::
    panel('table', title, description, unit, targets, none, alerts) {
      fieldConfig+: {
        defaults+: { custom: { align: 'auto', cellOptions: { type: 'auto' }, filterable: false } },
        // The text for no data is for the whole table; a cell without a value is "-". Text of digits stays text.
        overrides: [
          { matcher: { id: 'byRegexp', options: '/.*/' }, properties: [{ id: 'noValue', value: '-' }] },
          { matcher: { id: 'byType', options: 'string' }, properties: [{ id: 'unit', value: 'string' }] },
        ],
      },
      options: { showHeader: true, cellHeight: 'sm', footer: { show: false, reducer: ['sum'], countRows: false } },
      local fields = [std.objectFields(column)[0] for column in columns],
      local name(i) = columns[i][fields[i]],
      transformations:
        (
          if std.length(targets) == 1 then []
          else if join == null then [{ id: 'merge', options: {} }]
          else [{ id: 'joinByField', options: { byField: join, mode: 'outer' } }]
        ) + [
          { id: 'filterFieldsByName', options: { include: { names: fields } } },
          { id: 'organize', options: {
            excludeByName: {},
            indexByName: { [fields[i]]: i for i in std.range(0, std.length(fields) - 1) },
            renameByName: { [fields[i]]: name(i) for i in std.range(0, std.length(fields) - 1) if name(i) != fields[i] },
          } },
        ] + (if sort == null then [] else [{ id: 'sortBy', options: { fields: {}, sort: [{ field: sort, desc: true }] } }]),
    },

  // Additions to a panel. Thresholds, with dashed lines if `drawn`:
  coloured(steps, drawn=false):: {
    local type = self.type,  // others would show the colour for no number: bars as a gradient, lines at 0
    fieldConfig+: { defaults+: {
      thresholds: if type == 'stat' then thresholds.orUnknown(steps) else steps,
      [if drawn then 'custom']+: { thresholdsStyle: { mode: 'dashed' } },
    } },
  },
  ratio:: { fieldConfig+: { defaults+: { max: 1 } } },
  stacked:: { fieldConfig+: { defaults+: { custom+: {
    fillOpacity: 40,
    lineWidth: 0,
    stacking: { mode: 'normal', group: 'A' },
  } } } },
  // For units that show too many decimals.
  decimals(count):: { fieldConfig+: { defaults+: { decimals: count } } },
  width(columns):: { width:: columns },
  legendTable:: { options+: { legend+: { displayMode: 'table', placement: 'right', calcs: ['lastNotNull', 'max'] } } },
  // Properties of one line or column: { unit: 'percentunit', 'custom.width': 80 }.
  override(name, properties):: { fieldConfig+: { overrides+: [{
    matcher: { id: 'byName', options: name },
    properties: [{ id: id, value: properties[id] } for id in std.objectFields(properties)],
  }] } },
  // A limit: a dashed line without fill, outside of the stack.
  dashed(name):: panels.override(name, {
    color: { mode: 'fixed', fixedColor: 'dark-red' },
    'custom.fillOpacity': 0,
    'custom.lineWidth': 1,
    'custom.lineStyle': { fill: 'dash', dash: [10, 10] },
    'custom.stacking': { mode: 'none', group: 'A' },
  }),
}
