{{/* What every container may not do. */}}
{{- define "vigia.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{/* uid as an argument: images differ. */}}
{{- define "vigia.podSecurity" -}}
runAsNonRoot: true
runAsUser: {{ . }}
runAsGroup: {{ . }}
fsGroup: {{ . }}
fsGroupChangePolicy: OnRootMismatch
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "vigia.secretEnv" -}}
- name: {{ .name }}
  valueFrom: { secretKeyRef: { name: {{ .secret }}, key: {{ .key }} } }
{{- end }}

{{- define "vigia.pullSecrets" -}}
{{- with .Values.image.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- end }}

{{/* Which nodes: (dict "nodes" $selector "gpu" $gpu). */}}
{{- define "vigia.nodes" -}}
{{- $nodes := .nodes | default dict | deepCopy }}
{{- if .gpu.enabled }}{{ $_ := set $nodes "vigia/gpu" .gpu.type }}{{ end }}
{{- with $nodes }}
nodeSelector: {{ toJson . }}
{{- end }}
{{- if .gpu.enabled }}
tolerations:
  - { key: nvidia.com/gpu, operator: Exists, effect: NoSchedule }
{{- end }}
{{- end }}

{{/* Together with the other pods of a ReadWriteOnce volume, which is on one node only: (dict "root" $ "app" $app). */}}
{{- define "vigia.near" -}}
{{- $root := .root }}{{ $near := list }}
{{- range .app.shared }}{{ if eq (index $root.Values.shared .).accessMode "ReadWriteOnce" }}{{ $near = append $near . }}{{ end }}{{ end }}
{{- with $near }}
affinity:
  podAffinity:
    requiredDuringSchedulingIgnoredDuringExecution:
      {{- range . }}
      - topologyKey: kubernetes.io/hostname
        labelSelector: { matchLabels: { app.kubernetes.io/instance: {{ $root.Release.Name }}, vigia/shares-{{ . }}: 'true' } }
      {{- end }}
{{- end }}
{{- end }}

{{/* Environment of an app: its arrows as addresses, its secrets by reference, its settings. */}}
{{- define "vigia.env" -}}
{{- $root := .root }}{{ $app := .app }}{{ $full := include "vigia.fullname" .root }}{{ $secret := include "vigia.secret" .root }}
- { name: PORT, value: {{ $app.ports.http | quote }} }
{{- with $app.ports.grpc }}
- { name: GRPC_PORT, value: {{ . | quote }} }
{{- end }}
- { name: SHUTDOWN_GRACE_MS, value: {{ $root.Values.drain.graceMs | int | quote }} }
- { name: DRAIN_TIMEOUT_MS, value: {{ $root.Values.drain.timeoutMs | int | quote }} }
- { name: API_KEYS_FILE, value: /etc/vigia/api-keys.json }
{{- if has "postgresql" $app.uses }}
{{ include "vigia.secretEnv" (dict "name" "DATABASE_URL" "secret" $secret "key" "database-url") }}
{{- end }}
{{- if has "valkey" $app.uses }}
{{- with $root.Values.valkey }}
{{- if .embedded }}
- { name: REDIS_URL, value: {{ printf "redis://%s-valkey:6379" $full | quote }} }
{{- else if .external.fromSecret }}
{{ include "vigia.secretEnv" (dict "name" "REDIS_URL" "secret" $secret "key" "redis-url") }}
{{- else }}
- { name: REDIS_URL, value: {{ printf "%s://%s:%d" (ternary "rediss" "redis" .external.tls) .external.host (int .external.port) | quote }} }
{{- end }}
{{- end }}
{{- end }}
{{- if has "mlflow" $app.uses }}
- { name: MLFLOW_URL, value: {{ ternary (printf "http://%s-mlflow:5000" $full) $root.Values.mlflow.external.url $root.Values.mlflow.embedded | quote }} }
{{- end }}
{{- range $app.calls }}
- { name: {{ printf "%s_ADDRESS" (. | replace "-" "_" | upper) }}, value: {{ printf "dns:///%s-%s-pods:%d" $full . (int (index $root.Values.apps .).ports.grpc) | quote }} }
{{- end }}
{{- if ($app.gpu | default dict).enabled }}
- { name: TRAINING_DEVICE, value: cuda }
{{- end }}
{{- with $app.jobs }}{{ if .enabled }}
- { name: EXECUTOR, value: kubernetes }
- { name: KUBERNETES_NAMESPACE, value: {{ $root.Release.Namespace }} }
- { name: KUBERNETES_POD_TEMPLATE, value: {{ include "vigia.jobTemplate" $root }} }
- { name: KUBERNETES_DEADLINE_SECONDS, value: {{ .deadlineSeconds | int | quote }} }
- { name: KUBERNETES_PENDING_SECONDS, value: {{ .pendingSeconds | int | quote }} }
{{- end }}{{ end }}
{{- range $name, $value := $app.env }}
- { name: {{ $name }}, value: {{ $value | toString | quote }} }
{{- end }}
{{- range $name, $key := $app.secretEnv }}
{{ include "vigia.secretEnv" (dict "name" $name "secret" $secret "key" $key) }}
{{- end }}
{{- end }}

{{/* Pod template of an app: (dict "root" $ "name" "scoring" "app" $app). */}}
{{- define "vigia.pod" -}}
{{- $root := .root }}{{ $app := .app }}{{ $name := .name }}{{ $full := include "vigia.fullname" .root }}
{{- /* With Jobs of its own the pod computes nothing itself. */}}
{{- $jobs := $app.jobs | default (dict "enabled" false) }}
{{- $gpu := ternary (dict "enabled" false) ($app.gpu | default (dict "enabled" false)) $jobs.enabled }}
metadata:
  labels:
    {{- include "vigia.labels" (dict "root" $root "component" $name) | nindent 4 }}
    {{- range $app.shared }}
    vigia/shares-{{ . }}: 'true'
    {{- end }}
spec:
  serviceAccountName: {{ $full }}-{{ $name }}
  automountServiceAccountToken: {{ $jobs.enabled }}
  enableServiceLinks: false
  # The grace, the drain, 5 s to close, and 5 s to spare.
  terminationGracePeriodSeconds: {{ add (div (add $root.Values.drain.graceMs $root.Values.drain.timeoutMs 999) 1000) 10 }}
  securityContext: {{- include "vigia.podSecurity" 10001 | nindent 4 }}
  {{- with include "vigia.pullSecrets" $root | trim }}{{ . | nindent 2 }}{{- end }}
  {{- with include "vigia.nodes" (dict "nodes" $app.nodeSelector "gpu" $gpu) | trim }}{{ . | nindent 2 }}{{- end }}
  topologySpreadConstraints:
    {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
    - maxSkew: 1
      topologyKey: {{ . }}
      whenUnsatisfiable: ScheduleAnyway
      labelSelector: {{ include "vigia.match" (dict "root" $root "component" $name) }}
    {{- end }}
  {{- with include "vigia.near" . | trim }}{{ . | nindent 2 }}{{- end }}
  containers:
    - name: {{ $name }}
      image: {{ include "vigia.image" (dict "root" $root "component" $name "suffix" (ternary "-cuda" "" $gpu.enabled)) }}
      imagePullPolicy: {{ $root.Values.image.pullPolicy }}
      securityContext: {{- include "vigia.containerSecurity" . | nindent 8 }}
      env: {{- include "vigia.env" . | nindent 8 }}
      ports:
        {{- range $port, $number := $app.ports }}
        - { name: {{ $port }}, containerPort: {{ $number }} }
        {{- end }}
      startupProbe:
        httpGet: { path: /health/live, port: http }
        periodSeconds: 2
        failureThreshold: 60
      livenessProbe:
        httpGet: { path: /health/live, port: http }
        periodSeconds: 10
        timeoutSeconds: 5
        failureThreshold: 6
      readinessProbe:
        httpGet: { path: /health/ready, port: http }
        periodSeconds: 2
        timeoutSeconds: 2
        failureThreshold: 2
      {{- $resources := deepCopy $app.resources }}
      {{- if $gpu.enabled }}{{ $_ := set $resources.limits "nvidia.com/gpu" 1 }}{{ end }}
      resources: {{- toYaml $resources | nindent 8 }}
      volumeMounts:
        - { name: tmp, mountPath: /tmp }
        - { name: api-keys, mountPath: /etc/vigia, readOnly: true }
        {{- with $app.storage }}
        - { name: storage, mountPath: {{ .mountPath }} }
        {{- end }}
        {{- range $app.shared }}
        - { name: {{ . | kebabcase }}, mountPath: {{ (index $root.Values.shared .).mountPath }} }
        {{- end }}
  volumes:
    - { name: tmp, emptyDir: {} }
    - name: api-keys
      secret:
        secretName: {{ include "vigia.secret" $root }}
        items: [{ key: api-keys.json, path: api-keys.json }]
    {{- range $app.shared }}
    - { name: {{ . | kebabcase }}, persistentVolumeClaim: { claimName: {{ $full }}-{{ . | kebabcase }} } }
    {{- end }}
{{- end }}
