// The files that scripts/generate-dashboards writes, by name: the dashboards, and the same as ConfigMaps.
function(overlay={}) (
  local pack = (import 'mixin.libsonnet') + overlay;
  assert (import '../alerts/sound.libsonnet')(pack._config);
  local json = import 'lib/json.libsonnet', manifest = import '../alerts/yaml.libsonnet';
  // Evaluated once: Jsonnet computes a field again each time that it is used.
  local dashboards = std.parseJson(std.toString(pack.grafanaDashboards)), names = std.objectFields(dashboards);
  // One ConfigMap for each dashboard, with the JSON on one line: `kubectl apply` copies a ConfigMap into an annotation, and
  // annotations have a limit of 256 KiB.
  local configMap(name) = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: std.strReplace(name, '.json', '-dashboard'),
      labels: { 'app.kubernetes.io/name': 'conntrack-exporter', grafana_dashboard: '1' },
      annotations: { grafana_folder: 'Conntrack' },
    },
  };
  local data(name) = 'data:\n  ' + name + ': |\n    ' + std.toString(dashboards[name]) + '\n';

  { [name]: json(dashboards[name]) for name in names } + {
    'dashboards.yml': '# Made by scripts/generate-dashboards from dashboards/*.libsonnet. Change it there: docs/dashboards.md.\n' +
                      std.join('---\n', [manifest(configMap(name)) + data(name) for name in names]),
  }
)
