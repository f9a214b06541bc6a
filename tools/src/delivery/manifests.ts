import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { WORKSPACE } from '../stack.js';
import { CHART, RENDERED } from './helm.js';

/* Only what the checks read of Kubernetes' objects; kubernetes-validate holds them against the whole schema. */
export interface Container {
  name: string;
  image: string;
  command?: string[];
  env?: { name: string; value?: string; valueFrom?: { secretKeyRef: { name: string; key: string } } }[];
  ports?: { name: string; containerPort: number }[];
  startupProbe?: object;
  livenessProbe?: object;
  readinessProbe?: object;
  resources: { requests: Record<string, string>; limits: Record<string, string | number> };
  securityContext: Record<string, unknown>;
}

export interface PodSpec {
  containers: Container[];
  securityContext: Record<string, unknown>;
  serviceAccountName?: string;
  automountServiceAccountToken: boolean;
  terminationGracePeriodSeconds: number;
  nodeSelector?: Record<string, string>;
}

interface Peer {
  podSelector?: { matchLabels: Record<string, string> };
  namespaceSelector?: { matchLabels: Record<string, string> };
  ipBlock?: { cidr: string };
}

export interface NetworkRule {
  from?: Peer[];
  to?: Peer[];
  ports: { port: string | number }[];
}

export interface Manifest {
  kind: string;
  metadata: { name: string; labels: Record<string, string>; annotations?: Record<string, string> };
  spec: {
    template: { spec: PodSpec };
    podSelector: { matchLabels: Record<string, string> };
    ingress: NetworkRule[];
    egress: NetworkRule[];
    groups: unknown;
  };
  /** Of a PodTemplate. */
  template: { spec: PodSpec };
  /** Of a Role. */
  rules: { apiGroups: string[]; resources: string[]; resourceNames?: string[]; verbs: string[] }[];
}

/** The committed rendering of a values file. */
export function rendered(name: string): Manifest[] {
  const text = readFileSync(join(RENDERED, `${name}.yaml`), 'utf8');
  return parseAllDocuments(text)
    .map((document) => document.toJS() as Manifest | null)
    .filter((manifest) => manifest !== null);
}

/** The part of the system that an object belongs to, as `scoring` or `valkey`. */
export function componentOf(labels: Record<string, string>): string {
  return labels['app.kubernetes.io/component'] ?? '';
}

const WORKLOADS = ['Deployment', 'StatefulSet', 'Job', 'PodTemplate'];

/** Pods by the part they belong to. */
export function pods(manifests: Manifest[]): Map<string, PodSpec> {
  const workloads = manifests.filter(({ kind }) => WORKLOADS.includes(kind));
  return new Map(
    workloads.map(({ metadata, spec, template }) => [componentOf(metadata.labels), (template ?? spec.template).spec]),
  );
}

/** `a -> b:port` for each connection that the policies of `manifests` let pods make (egress) or take (ingress). */
export function arrows(manifests: Manifest[], direction: 'egress' | 'ingress'): string[] {
  const found = manifests
    .filter(({ kind }) => kind === 'NetworkPolicy')
    .flatMap(({ spec }) => {
      const self = componentOf(spec.podSelector.matchLabels);
      return spec[direction].flatMap((rule) =>
        (rule.to ?? rule.from ?? []).flatMap((peer) =>
          rule.ports.map(({ port }) =>
            direction === 'egress' ? `${self} -> ${nameOf(peer)}:${port}` : `${nameOf(peer)} -> ${self}:${port}`,
          ),
        ),
      );
    });
  return [...new Set(found)].sort();
}

/** A part of the release, a namespace, or a range of addresses. */
function nameOf({ podSelector, namespaceSelector, ipBlock }: Peer): string {
  if (ipBlock !== undefined) return ipBlock.cidr;
  if (namespaceSelector === undefined) return componentOf(podSelector?.matchLabels ?? {});
  const labels = { ...namespaceSelector.matchLabels, ...podSelector?.matchLabels };
  return `namespace ${Object.values(labels).join('/')}`;
}

export type Values = { [key: string]: unknown };

/** Defaults of the chart with a file of values over them, merged as helm does: objects by key, all else replaced. */
export function valuesWith(over: Values): Values {
  return merged(parse(readFileSync(join(CHART, 'values.yaml'), 'utf8')) as Values, over) as Values;
}

export function valuesFile(name: string): Values {
  return parse(readFileSync(join(WORKSPACE, 'charts/values', `${name}.yaml`), 'utf8')) as Values;
}

function merged(base: unknown, over: unknown): unknown {
  if (!isObject(base) || !isObject(over)) return over;
  const result: Values = { ...base };
  for (const [key, value] of Object.entries(over)) result[key] = key in base ? merged(base[key], value) : value;
  return result;
}

function isObject(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
