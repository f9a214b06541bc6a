import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster, KubernetesObject } from '@vigia/testing';

/** Selects the node, and is its taint: pods that tolerate it run there. */
export const PROCESSES = 'vigia.test/processes';

const HOST = '127.0.0.1';
const LOOK_MS = 200;
const now = () => new Date().toISOString();

export interface ProcessNode {
  stop(): Promise<void>;
}

/**
 * A node whose pods are processes of this machine: the arguments of a pod's first container, a command of a directory
 * and its own. It reports their state, serves their log and ends them, as a kubelet does; there is no image, no volume, no
 * limit and no isolation.
 */
export async function startProcessNode(cluster: Cluster, name: string, commands: string): Promise<ProcessNode> {
  const pods = new Map<string, PodProcess>();
  const certificates = join(cluster.directory, 'certificates');
  const server = createServer(
    { key: readFileSync(join(certificates, 'apiserver.key')), cert: readFileSync(join(certificates, 'apiserver.crt')) },
    (request, answer) => {
      const url = new URL(request.url!, `https://${HOST}`);
      const [, verb, , pod] = url.pathname.split('/');
      const log = [...pods.values()].find((each) => each.name === pod)?.logSince(url.searchParams.get('sinceSeconds'));
      if (verb === 'containerLogs' && log !== undefined) answer.end(log);
      else answer.writeHead(404).end();
    },
  );
  await new Promise<void>((settle) => server.listen(0, HOST, settle));
  const { port } = server.address() as AddressInfo;
  await cluster.api.create('/api/v1/nodes', nodeObject(name, port));
  const lease = `/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases`;
  await cluster.api.create(lease, { metadata: { name }, spec: leaseSpec(name) });

  let isOver = false;
  const looking = (async () => {
    let renewedAt = Date.now();
    while (!isOver) {
      // The API server may be away: the next look sees what came meanwhile.
      const listed = await cluster.api.list(`/api/v1/pods?fieldSelector=spec.nodeName=${name}`).catch(() => []);
      for (const pod of listed) {
        const uid = pod.metadata.uid!;
        if (!pods.has(uid)) pods.set(uid, new PodProcess(cluster, pod, commands));
        await pods
          .get(uid)!
          .reconcile(pod)
          .catch(() => undefined);
      }
      if (Date.now() - renewedAt > 2_000) {
        renewedAt = Date.now();
        await cluster.api.patch(`${lease}/${name}`, { spec: leaseSpec(name) }).catch(() => undefined);
      }
      await sleep(LOOK_MS);
    }
  })();
  return {
    async stop() {
      isOver = true;
      await looking;
      for (const pod of pods.values()) pod.kill('SIGKILL');
      await new Promise((settle) => server.close(settle));
    },
  };
}

class PodProcess {
  readonly name: string;
  private readonly path: string;
  private readonly child: ChildProcess | undefined;
  private readonly log: { atMs: number; text: string }[] = [];
  private readonly startedAt = now();
  private exitCode: number | undefined;
  private told = '';

  constructor(
    private readonly cluster: Cluster,
    { metadata, spec }: KubernetesObject,
    commands: string,
  ) {
    this.name = metadata.name;
    this.path = `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`;
    if (metadata['deletionTimestamp'] !== undefined) return;
    const [program, ...rest] = spec.containers[0].args;
    this.child = spawn(join(commands, program), rest, { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout!, this.child.stderr!]) {
      createInterface({ input: stream }).on('line', (text) => this.log.push({ atMs: this.nextMs(), text }));
    }
    // A container ends with its first process.
    this.child.once('exit', () => this.kill('SIGKILL'));
    this.child.once('close', (code, signal) => (this.exitCode = code ?? (signal === 'SIGKILL' ? 137 : 143)));
  }

  /** Brings status and process to what the pod is. */
  async reconcile({ metadata, spec }: KubernetesObject): Promise<void> {
    if (metadata['deletionTimestamp'] !== undefined && this.exitCode === undefined && this.child !== undefined) {
      this.kill('SIGTERM');
      const graceMs = (Number(metadata['deletionGracePeriodSeconds']) || 1) * 1_000;
      if (Date.now() > Date.parse(String(metadata['deletionTimestamp'])) + graceMs) this.kill('SIGKILL');
    }
    const phase = this.exitCode === undefined ? 'Running' : this.exitCode === 0 ? 'Succeeded' : 'Failed';
    if (this.child !== undefined && phase !== this.told) {
      await this.cluster.api.patch(`${this.path}/status`, { status: this.status(spec, phase) });
      this.told = phase;
    }
    if (metadata['deletionTimestamp'] !== undefined && (this.exitCode !== undefined || this.child === undefined)) {
      await this.cluster.api.delete(this.path, { gracePeriodSeconds: 0 });
    }
  }

  kill(signal: NodeJS.Signals): void {
    try {
      if (this.child?.pid !== undefined) process.kill(-this.child.pid, signal);
    } catch {
      // It has ended.
    }
  }

  logSince(seconds: string | null): string {
    const from = seconds === null ? 0 : Date.now() - Number(seconds) * 1_000;
    const lines = this.log.filter(({ atMs }) => atMs >= from);
    return lines.map(({ atMs, text }) => `${new Date(atMs).toISOString()} ${text}\n`).join('');
  }

  /** A time of its own for every line, as container runtimes give one by the nanosecond. */
  private nextMs(): number {
    return Math.max(Date.now(), (this.log.at(-1)?.atMs ?? 0) + 1);
  }

  private status({ containers }: KubernetesObject['spec'], phase: string): object {
    const [{ name, image }] = containers;
    const ended = { exitCode: this.exitCode, startedAt: this.startedAt, finishedAt: now() };
    const state =
      phase === 'Running'
        ? { running: { startedAt: this.startedAt } }
        : { terminated: { ...ended, reason: phase === 'Failed' ? 'Error' : 'Completed' } };
    const isRunning = phase === 'Running';
    return {
      phase,
      startTime: this.startedAt,
      containerStatuses: [{ name, image, imageID: '', ready: isRunning, started: isRunning, restartCount: 0, state }],
    };
  }
}

function leaseSpec(holderIdentity: string): object {
  return { holderIdentity, leaseDurationSeconds: 8, renewTime: now().replace('Z', '000Z') };
}

function nodeObject(name: string, port: number): object {
  const resources = { cpu: '8', memory: '32Gi', pods: '110' };
  const condition = { type: 'Ready', status: 'True', reason: 'Test', message: 'processes of the suite' };
  return {
    metadata: { name, labels: { [PROCESSES]: 'true' } },
    spec: { taints: [{ key: PROCESSES, value: 'true', effect: 'NoSchedule' }] },
    status: {
      capacity: resources,
      allocatable: resources,
      conditions: [{ ...condition, lastHeartbeatTime: now(), lastTransitionTime: now() }],
      addresses: [{ type: 'InternalIP', address: HOST }],
      daemonEndpoints: { kubeletEndpoint: { Port: port } },
    },
  };
}
