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

{{- define "conntrack-exporter.selectorLabels" -}}
app.kubernetes.io/name: {{ include "conntrack-exporter.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- /* Of all objects. Those of pods leave out the chart's version, which would restart them for nothing. */}}
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
{{- if .Values.image.digest }}
{{- printf "%s@%s" .Values.image.repository .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) }}
{{- end }}
{{- end }}

{{- /* Where the exporter listens, one address a line. Loopback beside the node's own address is for the probes. */}}
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

{{- /* "true" where there is a web configuration. */}}
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

{{- /* Of the container, with what bpf adds. */}}
{{- define "conntrack-exporter.securityContext" -}}
{{- $context := deepCopy .Values.securityContext }}
{{- if .Values.bpf.enabled }}
{{- $capabilities := deepCopy ($context.capabilities | default dict) }}
{{- $_ := set $capabilities "add" (concat ($capabilities.add | default list) (list "BPF" "PERFMON" "SYSLOG") | uniq) }}
{{- $_ := set $context "capabilities" $capabilities }}
{{- end }}
{{- toYaml $context }}
{{- end }}

{{- /* What asks whether it is well. Where there is a web configuration, clients may need a certificate or a password, which
       kubelet has not: there the exporter asks itself. */}}
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
