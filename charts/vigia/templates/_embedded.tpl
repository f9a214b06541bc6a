{{/* Containers of the embedded parts; the argument is the root. */}}
{{- define "vigia.container.postgresql" -}}
image: {{ .Values.postgresql.image }}
env:
  - { name: POSTGRES_USER, value: vigia }
  - { name: POSTGRES_DB, value: vigia }
  - { name: PGDATA, value: /data/pgdata }
  {{- include "vigia.secretEnv" (dict "name" "POSTGRES_PASSWORD" "secret" (include "vigia.secret" .) "key" "postgresql-password") | nindent 2 }}
readinessProbe:
  exec: { command: [pg_isready, -U, vigia, -d, vigia, -h, 127.0.0.1] }
  periodSeconds: 5
livenessProbe:
  tcpSocket: { port: postgresql }
  initialDelaySeconds: 60
  periodSeconds: 10
  failureThreshold: 6
{{- end }}

{{- define "vigia.container.valkey" -}}
image: {{ .Values.valkey.image }}
# Nothing may be evicted: windows would lose payments, queues their jobs.
command: [valkey-server, --dir, /data, --appendonly, 'yes', --appendfsync, everysec, --maxmemory-policy, noeviction, --protected-mode, 'no']
readinessProbe:
  exec: { command: [valkey-cli, ping] }
  periodSeconds: 5
livenessProbe:
  tcpSocket: { port: valkey }
  periodSeconds: 10
  failureThreshold: 6
{{- end }}

{{- define "vigia.container.mlflow" -}}
image: {{ .Values.mlflow.image | default (include "vigia.image" (dict "root" . "component" "training-worker")) }}
command:
  - mlflow
  - server
  - --host=0.0.0.0
  - --port=5000
  - --workers=1
  - --backend-store-uri=sqlite:////data/mlflow.db
  - --artifacts-destination=/data/artifacts
  - --allowed-hosts={{ include "vigia.fullname" . }}-mlflow,{{ include "vigia.fullname" . }}-mlflow:5000
env:
  - { name: MLFLOW_SERVER_ENABLE_JOB_EXECUTION, value: 'false' }
  - { name: MLFLOW_DISABLE_TELEMETRY, value: 'true' }
  - { name: HOME, value: /tmp }
readinessProbe:
  httpGet: { path: /health, port: mlflow }
  periodSeconds: 5
  timeoutSeconds: 5
livenessProbe:
  tcpSocket: { port: mlflow }
  initialDelaySeconds: 60
  periodSeconds: 15
  timeoutSeconds: 10
  failureThreshold: 6
{{- end }}
