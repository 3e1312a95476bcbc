// The files that scripts/generate-rules writes, by name. With `only`, just the file of that name.
function(overlay={}, speed=1, only=null) (
  local pack = (import 'mixin.libsonnet') + overlay + { _config+:: { speed: speed } };
  assert (import 'sound.libsonnet')(pack._config);
  local helm = (import 'helm.libsonnet')(pack);
  local head = '# Made by scripts/generate-rules from alerts/*.libsonnet. Change it there: alerts/README.md.\n';
  local manifest = import 'yaml.libsonnet';
  local indented = (import 'rules/words.libsonnet')({}).indented;
  local name = 'conntrack-exporter';
  local files = {
    'conntrack.rules.yml': head + manifest(pack.allGroups),
    'inhibit_rules.yml': head + manifest({ inhibit_rules: pack.alertmanagerInhibitRules }),
    'conntrack.prometheusrule.yml': head + manifest({
      apiVersion: 'monitoring.coreos.com/v1',
      kind: 'PrometheusRule',
      metadata: { name: name, labels: { 'app.kubernetes.io/name': name } },
      spec: pack.allGroups,
    }),
    'conntrack.helm.yml': head + |||
      {{- if .Values.prometheusRule.enabled }}
      apiVersion: monitoring.coreos.com/v1
      kind: PrometheusRule
      metadata:
        name: {{ .Release.Name }}
        namespace: {{ .Values.namespaceOverride | default .Release.Namespace }}
        labels:
          app.kubernetes.io/name: conntrack-exporter
          app.kubernetes.io/instance: {{ .Release.Name }}
          {{- with .Values.prometheusRule.additionalLabels }}
          {{- toYaml . | nindent 4 }}
          {{- end }}
      spec:
    ||| + indented(helm.rules(manifest)) + '{{- end }}\n',
    'conntrack.helm-values.yml': head + helm.values(manifest),
  };
  if only == null then files else { [only]: files[only] }
)
