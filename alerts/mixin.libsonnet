// The rules as a monitoring mixin: prometheusRules, prometheusAlerts, and both together (allGroups); the inhibition rules.
(import 'config.libsonnet') {
  local config = $._config,
  local words = (import 'rules/words.libsonnet')(config),

  prometheusRules+:: { groups+: (import 'rules/recording.libsonnet')(words, config) + (import 'rules/kubernetes.libsonnet')(words, config) },
  prometheusAlerts+:: {
    groups+: [
      (import 'rules/table_alerts.libsonnet')(words, config),
      (import 'rules/loss_alerts.libsonnet')(words, config),
      (import 'rules/traffic_alerts.libsonnet')(words, config),
      (import 'rules/settings_alerts.libsonnet')(words, config),
      (import 'rules/exporter_alerts.libsonnet')(words, config),
    ],
  },
  alertmanagerInhibitRules:: import 'rules/inhibition.libsonnet',

  allGroups:: { groups: $.prometheusRules.groups + $.prometheusAlerts.groups },
}
