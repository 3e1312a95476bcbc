{{- define "conntrack-exporter.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "conntrack-exporter.fullname" -}}
{{- $name := include "conntrack-exporter.name" . }}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- else if contains $name .Release.Name }}
{{- .Release.Name | trunc 63 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 63 | trimSuffix "-" }}
{{- end }}
{{- end }}

{{- define "conntrack-exporter.namespace" -}}
{{- .Values.namespaceOverride | default .Release.Namespace }}
{{- end }}

{{- define "conntrack-exporter.selectorLabels" -}}
app.kubernetes.io/name: {{ include "conntrack-exporter.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- /* Labels of pods. They leave out the version of the chart: a change of it would restart the pods. */}}
{{- define "conntrack-exporter.podLabels" -}}
{{- include "conntrack-exporter.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "conntrack-exporter.labels" -}}
{{- include "conntrack-exporter.podLabels" . }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "conntrack-exporter.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- .Values.serviceAccount.name | default (include "conntrack-exporter.fullname" .) }}
{{- else }}
{{- .Values.serviceAccount.name | default "default" }}
{{- end }}
{{- end }}

{{- define "conntrack-exporter.image" -}}
{{- with (.Values.global).imageRegistry | default .Values.image.registry }}{{ . }}/{{ end }}
{{- .Values.image.repository }}
{{- if .Values.image.digest }}@{{ .Values.image.digest }}
{{- else }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}
{{- end }}

{{- /* The listen addresses, one on each line. Loopback is for the probes, which connect to it. */}}
{{- define "conntrack-exporter.addresses" -}}
{{- $port := int .Values.listen.port }}
{{- if eq .Values.listen.address "node-ipv4" }}
{{- printf "$(HOST_IP):%d\n127.0.0.1:%d" $port $port }}
{{- else if eq .Values.listen.address "node-ipv6" }}
{{- printf "[$(HOST_IP)]:%d\n[::1]:%d" $port $port }}
{{- else }}
{{- printf ":%d" $port }}
{{- end }}
{{- end }}

{{- /* "true" if there is a web configuration, empty otherwise. */}}
{{- define "conntrack-exporter.hasWebConfig" -}}
{{- if or .Values.tls.secretName .Values.webConfig }}true{{ end }}
{{- end }}

{{- define "conntrack-exporter.webConfig" -}}
{{- $tls := dict }}
{{- if .Values.tls.secretName }}
{{- $tls = dict "cert_file" "/etc/conntrack-exporter/tls/tls.crt" "key_file" "/etc/conntrack-exporter/tls/tls.key" }}
{{- if .Values.tls.requireClientCertificate }}
{{- $_ := set $tls "client_auth_type" "RequireAndVerifyClientCert" }}
{{- $_ := set $tls "client_ca_file" "/etc/conntrack-exporter/tls/ca.crt" }}
{{- end }}
{{- $tls = dict "tls_server_config" $tls }}
{{- end }}
{{- toYaml (mustMergeOverwrite $tls (deepCopy .Values.webConfig)) }}
{{- end }}

{{- /* The securityContext of the container, with the capabilities that bpf adds. */}}
{{- define "conntrack-exporter.securityContext" -}}
{{- $context := deepCopy .Values.securityContext }}
{{- if .Values.bpf.enabled }}
{{- $capabilities := deepCopy ($context.capabilities | default dict) }}
{{- $_ := set $capabilities "add" (concat ($capabilities.add | default list) (list "BPF" "PERFMON" "SYSLOG") | uniq) }}
{{- $_ := set $context "capabilities" $capabilities }}
{{- end }}
{{- toYaml $context }}
{{- end }}

{{- /* A probe. With a web configuration, clients may need a certificate or a password, which kubelet does not have. The probe
       then runs `conntrack_exporter healthcheck` in the container. */}}
{{- define "conntrack-exporter.probe" -}}
{{- $address := splitList "\n" (include "conntrack-exporter.addresses" .root) | last }}
{{- if include "conntrack-exporter.hasWebConfig" .root }}
exec:
  command:
    - /usr/bin/conntrack_exporter
    - healthcheck
    - --web.listen-address={{ $address }}
{{- else }}
httpGet:
  path: {{ .path }}
  port: metrics
  scheme: HTTP
{{- end }}
{{- end }}
