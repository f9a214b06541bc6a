import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { waitFor, type Cluster, type KubernetesObject } from '@vigia/testing';
import { WORKSPACE } from '../stack.js';

/** What a case of the suite works with. */
export interface Context {
  cluster: Cluster;
  /** Path of helm. */
  helm: string;
}

/** Throws with the reason when what its name says is not so; resolves to what was measured, in words. */
export type Case = (context: Context) => Promise<string | void>;

export const CHART = join(WORKSPACE, 'charts/vigia');
export const NAMESPACE = 'vigia';
export const pods = (namespace = NAMESPACE) => `/api/v1/namespaces/${namespace}/pods`;
export const apps = (kind: 'deployments' | 'statefulsets', name: string, namespace = NAMESPACE) =>
  `/apis/apps/v1/namespaces/${namespace}/${kind}/${name}`;

/** Runs helm against the cluster; resolves to its exit code and all that it printed. */
export function helm({ cluster, helm: binary }: Context, ...args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((settle) => {
    const child = spawn(binary, [...args, '--kubeconfig', cluster.kubeconfig], { cwd: WORKSPACE });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
    child.once('error', (error) => settle({ code: 127, output: String(error) }));
    child.once('exit', (code) => settle({ code: code ?? 1, output }));
  });
}

/** @throws with what helm printed when it fails. */
export async function helmSucceeds(context: Context, ...args: string[]): Promise<string> {
  const { code, output } = await helm(context, ...args);
  if (code !== 0) throw new Error(`helm ${args.join(' ')} ended with ${code}:\n${output}`);
  return output;
}

export const componentOf = ({ metadata }: KubernetesObject) => metadata.labels?.['app.kubernetes.io/component'] ?? '';
export const nodeOf = ({ spec }: KubernetesObject): string => spec.nodeName ?? '';
export const isLeaving = ({ metadata }: KubernetesObject) => metadata['deletionTimestamp'] !== undefined;
export const imageOf = (workload: KubernetesObject): string => workload['spec'].template.spec.containers[0].image;

export function condition(object: KubernetesObject, type: string): { status: string; reason: string; message: string } {
  const conditions: { type: string; status: string; reason: string; message: string }[] =
    object['status']?.conditions ?? [];
  return conditions.find((each) => each.type === type) ?? { status: 'Unknown', reason: '', message: '' };
}

/** Pods of an app that are ready and stay. */
export async function readyPods({ cluster }: Context, component: string, namespace = NAMESPACE) {
  const all = await cluster.api.list(pods(namespace));
  return all.filter(
    (pod) => componentOf(pod) === component && !isLeaving(pod) && condition(pod, 'Ready').status === 'True',
  );
}

/** Waits for the cluster to come to a state; two cores and a suite beside it may take their time. */
export async function settles(what: string, isSo: () => Promise<boolean>, timeoutMs = 180_000): Promise<number> {
  const began = Date.now();
  try {
    await waitFor(isSo, { timeoutMs, intervalMs: 250 });
  } catch (error) {
    throw new Error(`${what}: not within ${timeoutMs / 1_000} s`, { cause: (error as Error).cause });
  }
  return (Date.now() - began) / 1_000;
}

/** The pods' security profile is the one that Terraform sets for the namespace of the chart. */
export async function createNamespace({ cluster }: Context, name: string): Promise<void> {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  await cluster.api.create('/api/v1/namespaces', { metadata: { name, labels } });
}
