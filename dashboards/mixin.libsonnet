// The dashboards as a monitoring mixin: grafanaDashboards. Thresholds, severities and links are those of the alerts.
(import '../alerts/config.libsonnet') + {
  local kit = (import 'lib/kit.libsonnet')($._config),

  grafanaDashboards+:: {
    'conntrack-fleet.json': (import 'fleet.libsonnet')(kit),
    'conntrack-node.json': (import 'node.libsonnet')(kit),
    'conntrack-exporter.json': (import 'exporter.libsonnet')(kit),
  },
}
