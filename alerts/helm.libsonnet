// The rules as a template of a Helm chart, with thresholds, severities and links from the chart's values; and those values.
// Durations are no values: they are as in config.libsonnet.
local mixin = import 'mixin.libsonnet';

// A reference to a value of the chart. No rule contains these two characters: scripts/generate-rules replaces them with braces after
// it has escaped those of Prometheus's templates. In Jsonnet that takes long.
local open = '\u0001', close = '\u0002';
local reference(path) = open + ' .Values.prometheusRule.' + path + ' ' + close;

// 0.8 would be 0.80000000000000004 otherwise.
local number(value) = open + (import 'rules/words.libsonnet')({}).number(value) + close;
local unquoted(text) = std.strReplace(std.strReplace(text, '"\\u0001', ''), '\\u0002"', '');

local isValue(field) = std.member([
  'severity',
  'above',
  'until',
  'ofTcpAbove',
  'ofNewFlows',
  'overYesterday',
  'invalidPerFlow',
  'times',
], field);
// What of the settings of an alert is a value of the chart, with `leaf(path, value)` in its place.
local values(setting, path, leaf) = {
  [field]:
    if std.isObject(setting[field]) then values(setting[field], path + '.' + field, leaf)
    else leaf(path + '.' + field, setting[field])
  for field in std.objectFields(setting)
  if isValue(field) || std.isObject(setting[field])
};

function(pack) {
  local config = pack._config,
  local referring = mixin {
    _config+:: config {
      runbookUrl: open + ' printf .Values.prometheusRule.runbookUrl `%s` ' + close,
      dashboardUrl: reference('dashboardUrl'),
      fleetDashboardUrl: reference('fleetDashboardUrl'),
      alerts: std.mergePatch(config.alerts, values(config.alerts, 'alerts', function(path, value) reference(path))),
    },
  },

  rules(manifest):: manifest(referring.allGroups),
  values(manifest):: unquoted(manifest({
    prometheusRule: {
      enabled: false,
      labels: {},  // of the PrometheusRule, which Prometheus may select by
      runbookUrl: config.runbookUrl,
      dashboardUrl: config.dashboardUrl,
      fleetDashboardUrl: config.fleetDashboardUrl,
      alerts: values(config.alerts, 'alerts', function(path, value) if std.isNumber(value) then number(value) else value),
    },
  })),
}
