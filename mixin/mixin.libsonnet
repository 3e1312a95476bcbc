// The alerts, rules and dashboards as one monitoring mixin: prometheusAlerts, prometheusRules, grafanaDashboards, _config.
(import '../alerts/mixin.libsonnet') + (import '../dashboards/mixin.libsonnet') + {
  assert (import '../alerts/sound.libsonnet')(self._config),
}
