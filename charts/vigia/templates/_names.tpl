{{/* Names and labels. */}}
{{- define "vigia.fullname" -}}
{{- if contains "vigia" .Release.Name }}{{ .Release.Name | trunc 40 | trimSuffix "-" }}{{ else }}{{ printf "%s-vigia" (.Release.Name | trunc 34 | trimSuffix "-") }}{{ end }}
{{- end }}

{{/* (dict "root" $ "component" "scoring") */}}
{{- define "vigia.selector" -}}
app.kubernetes.io/name: vigia
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{- define "vigia.match" -}}
{ matchLabels: {{ include "vigia.selector" . | fromYaml | toJson }} }
{{- end }}

{{- define "vigia.labels" -}}
{{ include "vigia.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
app.kubernetes.io/part-of: vigia
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{/* (dict "root" $ "component" "scoring" "suffix" "-cuda") */}}
{{- define "vigia.image" -}}
{{- $tag := .root.Values.image.tag | default .root.Chart.AppVersion -}}
{{ printf "%s/vigia-%s:%s%s" .root.Values.image.registry .component $tag (.suffix | default "") }}
{{- end }}

{{- define "vigia.secret" -}}
{{ .Values.secrets.existing | default (printf "%s-secrets" (include "vigia.fullname" .)) }}
{{- end }}

{{/* Apps that are enabled, by name, as JSON. */}}
{{- define "vigia.apps" -}}
{{- $apps := dict }}
{{- range $name, $app := .Values.apps }}{{ if $app.enabled }}{{ $_ := set $apps $name $app }}{{ end }}{{ end }}
{{- $apps | toJson }}
{{- end }}

{{/* Parts of the chart's own that are enabled: PostgreSQL, Valkey, MLflow, as JSON of name -> port. */}}
{{- define "vigia.embedded" -}}
{{- $ports := dict "postgresql" 5432 "valkey" 6379 "mlflow" 5000 }}
{{- $parts := dict }}
{{- range $name, $port := $ports }}{{ if (index $.Values $name).embedded }}{{ $_ := set $parts $name $port }}{{ end }}{{ end }}
{{- $parts | toJson }}
{{- end }}

{{/* Name of the PodTemplate of Jobs; the Jobs' own names follow from it, within 63 characters. */}}
{{- define "vigia.jobTemplate" -}}
{{ include "vigia.fullname" . | trunc 36 | trimSuffix "-" }}-job
{{- end }}

{{/* The app that runs Kubernetes Jobs, as JSON of its name -> app; empty where none does. */}}
{{- define "vigia.withJobs" -}}
{{- $found := dict }}
{{- range $name, $app := include "vigia.apps" . | fromJson }}{{ if ($app.jobs | default dict).enabled }}{{ $_ := set $found $name $app }}{{ end }}{{ end }}
{{- $found | toJson }}
{{- end }}
