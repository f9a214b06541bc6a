import type { KubernetesObject } from './kubernetes-api.js';

/**
 * What stands in for kubelets: kwok keeps nodes alive and moves pods through their lives without running a container.
 * The tag of a pod's first image says what becomes of it, where its Job waits for an end:
 *
 * | tag ends with | what happens |
 * | --- | --- |
 * | `-fails` | exit code 1 |
 * | `-oom` | killed for its memory, exit code 137 |
 * | `-evicted` | the node evicts it |
 * | `-missing` | its image cannot be pulled: it waits |
 * | `-hangs` | runs until it is deleted |
 * | anything else | exit code 0, half a second after its start |
 *
 * Pods of no Job run until they are deleted. A pod uses what its annotations `vigia.test/cpu` and `vigia.test/memory`
 * say, as quantities; 1m and 64Mi without.
 */
export const POD_ENDS = ['-fails', '-oom', '-evicted', '-missing', '-hangs'] as const;

/** Nodes with this label have a kubelet; taking it away is what the loss of a node looks like. */
export const KUBELET_LABEL = 'vigia.test/kubelet';

export interface NodeOptions {
  name: string;
  labels?: Record<string, string>;
  taints?: { key: string; value?: string; effect: 'NoSchedule' | 'NoExecute' }[];
  /** As in the status of a node; default 8 processors, 32 GiB, 110 pods. */
  capacity?: Record<string, string>;
}

/** A node with GPUs, tainted and labelled as the chart and the device plugin have it. */
export function gpuNode(name: string, type: string, gpus = 1): NodeOptions {
  return {
    name,
    labels: { 'vigia/gpu': type },
    taints: [{ key: 'nvidia.com/gpu', value: 'true', effect: 'NoSchedule' }],
    capacity: { 'nvidia.com/gpu': String(gpus) },
  };
}

export function nodeObject({ name, labels, taints = [], capacity }: NodeOptions): KubernetesObject {
  const resources = { cpu: '8', memory: '32Gi', 'ephemeral-storage': '100Gi', pods: '110', ...capacity };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', [KUBELET_LABEL]: 'kwok', ...labels },
      // Where metrics-server finds the usage that kwok makes up.
      annotations: { 'metrics.k8s.io/resource-metrics-path': `/metrics/nodes/${name}/metrics/resource` },
    },
    spec: { taints },
    status: { capacity: resources, allocatable: resources },
  };
}

/** kwok's configuration as documents of YAML: stages of nodes and pods, usage, logs out of one file. */
export function kubeletConfiguration(podLogFile: string): string {
  return [...STAGES, USAGE, METRICS, logs(podLogFile)].map((document) => JSON.stringify(document)).join('\n---\n');
}

const API = 'kwok.x-k8s.io/v1alpha1';
/** Template functions of kwok: Now, Quote, NodeConditions, NodeIP, NodePort, PodIPsWith. */
const NODE_READY = `
conditions:
{{ range NodeConditions }}
- { type: {{ .type | Quote }}, status: {{ .status | Quote }}, reason: {{ .reason | Quote }}, message: {{ .message | Quote }}, lastHeartbeatTime: {{ Now | Quote }}, lastTransitionTime: {{ Now | Quote }} }
{{ end }}
addresses:
- { type: InternalIP, address: {{ NodeIP | Quote }} }
daemonEndpoints: { kubeletEndpoint: { Port: {{ NodePort }} } }
nodeInfo: { architecture: amd64, operatingSystem: linux, kubeletVersion: {{ printf "kwok-%s" Version | Quote }}, bootID: "", containerRuntimeVersion: kwok, kernelVersion: kwok, kubeProxyVersion: kwok, machineID: "", osImage: "", systemUUID: "" }
phase: Running
`;
const POD_RUNNING = `
phase: Running
startTime: {{ Now | Quote }}
conditions:
{{ range list "Initialized" "Ready" "ContainersReady" }}
- { type: {{ . }}, status: "True", lastTransitionTime: {{ Now | Quote }} }
{{ end }}
containerStatuses:
{{ range .spec.containers }}
- { name: {{ .name | Quote }}, image: {{ .image | Quote }}, imageID: "", ready: true, started: true, restartCount: 0, state: { running: { startedAt: {{ Now | Quote }} } } }
{{ end }}
{{ with PodIPsWith .spec.nodeName false (or .metadata.uid "") (or .metadata.name "") (or .metadata.namespace "") }}
podIP: {{ index . 0 | Quote }}
podIPs: [{ ip: {{ index . 0 | Quote }} }]
{{ end }}
`;

function podEnds(phase: 'Succeeded' | 'Failed', exitCode: number, reason: string): string {
  return `
phase: ${phase}
conditions:
{{ range list "Ready" "ContainersReady" }}
- { type: {{ . }}, status: "False", reason: Pod${phase}, lastTransitionTime: {{ Now | Quote }} }
{{ end }}
containerStatuses:
{{ range .spec.containers }}
- { name: {{ .name | Quote }}, image: {{ .image | Quote }}, imageID: "", ready: false, started: false, restartCount: 0, state: { terminated: { exitCode: ${exitCode}, reason: ${reason}, startedAt: {{ Now | Quote }}, finishedAt: {{ Now | Quote }} } } }
{{ end }}
`;
}

const EVICTED = `
phase: Failed
reason: Evicted
message: "The node was low on resource: memory."
`;
const IMAGE_MISSING = `
phase: Pending
startTime: {{ Now | Quote }}
containerStatuses:
{{ range .spec.containers }}
- { name: {{ .name | Quote }}, image: {{ .image | Quote }}, imageID: "", ready: false, started: false, restartCount: 0, state: { waiting: { reason: ImagePullBackOff, message: "Back-off pulling image" } } }
{{ end }}
`;

/** A condition on an object in jq. */
const holds = (condition: string) => ({
  key: `if (${condition}) then "yes" else "no" end`,
  operator: 'In',
  values: ['yes'],
});
const not = (condition: string) => `(${condition}) | not`;
const IS_LEAVING = '.metadata.deletionTimestamp != null';
const IS_OF_A_JOB = 'any(.metadata.ownerReferences[]?; .kind == "Job")';
const IS_READY = 'any(.status.conditions[]?; .type == "Ready" and .status == "True")';
const tagEndsWith = (end: string) => `.spec.containers[0].image | endswith("${end}")`;
const inPhase = (phase: string) => `.status.phase == "${phase}"`;
const ENDS_WELL = not(POD_ENDS.map((end) => `(${tagEndsWith(end)})`).join(' or '));

function stage(name: string, kind: 'Node' | 'Pod', conditions: string[], next: object, delayMs = 0): object {
  return {
    apiVersion: API,
    kind: 'Stage',
    metadata: { name },
    spec: {
      resourceRef: { apiGroup: 'v1', kind },
      selector: { matchExpressions: conditions.map(holds) },
      delay: { durationMilliseconds: delayMs },
      next,
    },
  };
}

function podStage(name: string, conditions: string[], statusTemplate: string, delayMs = 0): object {
  return stage(name, 'Pod', [not(IS_LEAVING), ...conditions], { statusTemplate }, delayMs);
}

const jobEnds = (name: string, condition: string, template: string) =>
  podStage(name, [inPhase('Running'), IS_OF_A_JOB, condition], template, 500);

const STAGES = [
  stage('node-ready', 'Node', [not(IS_READY)], { statusTemplate: NODE_READY }),
  podStage('pod-running', [inPhase('Pending'), not(tagEndsWith('-missing'))], POD_RUNNING),
  podStage(
    'pod-image-missing',
    [inPhase('Pending'), tagEndsWith('-missing'), '.status.containerStatuses == null'],
    IMAGE_MISSING,
  ),
  jobEnds('job-completes', ENDS_WELL, podEnds('Succeeded', 0, 'Completed')),
  jobEnds('job-fails', tagEndsWith('-fails'), podEnds('Failed', 1, 'Error')),
  jobEnds('job-out-of-memory', tagEndsWith('-oom'), podEnds('Failed', 137, 'OOMKilled')),
  jobEnds('job-evicted', tagEndsWith('-evicted'), EVICTED),
  stage('pod-deleted', 'Pod', [IS_LEAVING], { delete: true }),
];

const usageOf = (annotation: string, otherwise: string) => ({
  expression: `"${annotation}" in pod.metadata.annotations ? Quantity(pod.metadata.annotations["${annotation}"]) : Quantity("${otherwise}")`,
});
const USAGE = {
  apiVersion: API,
  kind: 'ClusterResourceUsage',
  metadata: { name: 'by-annotation' },
  spec: {
    usages: [{ usage: { cpu: usageOf('vigia.test/cpu', '1m'), memory: usageOf('vigia.test/memory', '64Mi') } }],
  },
};

/** What a kubelet serves at /metrics/resource and metrics-server reads. */
const METRICS = {
  apiVersion: API,
  kind: 'Metric',
  metadata: { name: 'metrics-resource' },
  spec: {
    path: '/metrics/nodes/{nodeName}/metrics/resource',
    metrics: [
      metric('node_cpu_usage_seconds_total', 'counter', 'node', 'node.CumulativeUsage("cpu")'),
      metric('node_memory_working_set_bytes', 'gauge', 'node', 'node.Usage("memory")'),
      metric('container_start_time_seconds', 'gauge', 'container', 'pod.SinceSecond()'),
      metric('container_cpu_usage_seconds_total', 'counter', 'container', 'pod.CumulativeUsage("cpu", container.name)'),
      metric('container_memory_working_set_bytes', 'gauge', 'container', 'pod.Usage("memory", container.name)'),
    ],
  },
};

function metric(name: string, kind: 'counter' | 'gauge', dimension: 'node' | 'container', value: string): object {
  const labels = [
    { name: 'namespace', value: 'pod.metadata.namespace' },
    { name: 'pod', value: 'pod.metadata.name' },
    { name: 'container', value: 'container.name' },
  ];
  return { name, kind, dimension, help: name, value, ...(dimension === 'container' ? { labels } : {}) };
}

/** Every container's log is this file; a reader that follows it sees what is appended. */
function logs(logsFile: string): object {
  return {
    apiVersion: API,
    kind: 'ClusterLogs',
    metadata: { name: 'one-file' },
    spec: { logs: [{ logsFile, follow: true }] },
  };
}
