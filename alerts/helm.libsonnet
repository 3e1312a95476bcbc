// The rules as a template of a Helm chart, and the values of the chart that it uses: thresholds, severities and links. Durations are not
// values of the chart: config.libsonnet sets them.
local mixin = import 'mixin.libsonnet';

// A reference to a value of the chart. No rule contains these two characters. scripts/generate-rules replaces them with braces, after it
// has escaped the braces of Prometheus's templates. Jsonnet would be slow at that.
local open = '\u0001', close = '\u0002';
local reference(path) = open + ' .Values.prometheusRule.' + path + ' ' + close;

// Writes 0.8, not 0.80000000000000004.
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
// The settings of an alert that are values of the chart, each replaced with `leaf(path, value)`.
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
      additionalLabels: {},  // of the PrometheusRule: Prometheus may select it by them
      runbookUrl: config.runbookUrl,
      dashboardUrl: config.dashboardUrl,
      fleetDashboardUrl: config.fleetDashboardUrl,
      alerts: values(config.alerts, 'alerts', function(path, value) if std.isNumber(value) then number(value) else value),
    },
  })),
}
