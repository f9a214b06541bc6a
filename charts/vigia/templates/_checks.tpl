{{/* What a schema of single values cannot refuse; each message names the value and what to do. */}}
{{- define "vigia.checks" -}}
{{- $apps := include "vigia.apps" . | fromJson }}
{{- if and (not .Values.postgresql.embedded) (not .Values.secrets.existing) }}
{{- fail "secrets.existing: is empty, and the chart knows no address of your PostgreSQL: name a Secret with the key database-url" }}
{{- end }}
{{- if and .Values.secrets.external.enabled (not .Values.secrets.existing) }}
{{- fail "secrets.existing: is empty: name the Secret that External Secrets fills" }}
{{- end }}
{{- if and .Values.valkey.external.fromSecret (or .Values.valkey.embedded (not .Values.secrets.existing)) }}
{{- fail "valkey.external.fromSecret: needs valkey.embedded=false and secrets.existing with the keys redis-url and redis-password" }}
{{- end }}
{{- if and (not .Values.valkey.embedded) (not .Values.valkey.external.host) }}
{{- fail "valkey.external.host: is empty: give the host of your Valkey, or set valkey.embedded" }}
{{- end }}
{{- if and (not .Values.mlflow.embedded) (not .Values.mlflow.external.url) }}
{{- fail "mlflow.external.url: is empty: give the address of your MLflow, or set mlflow.embedded" }}
{{- end }}
{{- if and .Values.ingress.enabled (not .Values.ingress.host) }}
{{- fail "ingress.host: is empty: name the host under which the institution calls" }}
{{- end }}
{{- if .Values.ingress.enabled }}
{{- range .Values.ingress.paths }}{{ if not (hasKey $apps .app) }}
{{- fail (printf "ingress.paths: %s leads to the app %s, which is not enabled" .path .app) }}
{{- end }}{{ end }}
{{- end }}
{{- if gt (include "vigia.withJobs" . | fromJson | len) 1 }}
{{- fail "apps: more than one has jobs.enabled: they would share the name of a PodTemplate" }}
{{- end }}
{{- range $name, $app := $apps }}
{{- range $app.calls }}{{ if not (hasKey $apps .) }}
{{- fail (printf "apps.%s.calls: %s is not an app that is enabled" $name .) }}
{{- end }}{{ end }}
{{- range $app.shared }}
{{- $volume := index $.Values.shared . }}
{{- if not $volume }}{{ fail (printf "apps.%s.shared: there is no volume %s in shared" $name .) }}{{ end }}
{{- if and (eq $volume.accessMode "ReadWriteOnce") (($app.gpu | default dict).enabled) }}
{{- fail (printf "apps.%s.gpu: runs on nodes of its own, so shared.%s.accessMode must be ReadWriteMany" $name .) }}
{{- end }}
{{- if and (eq $volume.accessMode "ReadWriteOnce") (($app.keda | default dict).enabled) }}
{{- fail (printf "apps.%s.keda: spreads pods over nodes, so shared.%s.accessMode must be ReadWriteMany" $name .) }}
{{- end }}
{{- end }}
{{- if and (($app.keda | default dict).enabled) (($app.autoscaling | default dict).enabled) }}
{{- fail (printf "apps.%s: keda and autoscaling would both set the number of replicas: enable one" $name) }}
{{- end }}
{{- end }}
{{- end }}
