import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CLUSTER_PARTS, buildClusterPrograms, startCluster, type Cluster, type ClusterPart } from '@vigia/testing';
import { program } from '../delivery/go-programs.js';
import { findHelm } from '../delivery/helm.js';
import { WORKSPACE } from '../stack.js';
import { startArgoCd } from './argo-cd.js';
import { CHART_CASES } from './chart-cases.js';
import { type Case, type Context } from './context.js';
import { openExecutorCases } from './executor-cases.js';
import { startGitServer } from './git-server.js';
import { gitopsCases, prepareEnvironment } from './gitops-cases.js';
import { SCALING_CASES } from './scaling-cases.js';

/** Logs of every part, kept until the next run. */
const LOGS = join(WORKSPACE, '.vigia/cluster');
const beganAt = Date.now();
const seconds = (since: number) => `${((Date.now() - since) / 1_000).toFixed(1)} s`;
const say = (text: string) => console.log(`[${seconds(beganAt).padStart(8)}] ${text}`);

interface Group {
  /** Programs beside those of a cluster. */
  parts: ClusterPart[];
  run(context: Context, count: Counter): Promise<void>;
}

/** Each group has a cluster of its own. */
const GROUPS: Record<string, Group> = {
  chart: {
    parts: ['metrics-server'],
    async run(context, count) {
      await count.all({ ...CHART_CASES, ...SCALING_CASES }, context);
    },
  },
  executor: {
    parts: [],
    async run(context, count) {
      const { cases, close } = await openExecutorCases(context);
      await count.all(cases, context).finally(close);
    },
  },
  gitops: {
    parts: ['argo-cd'],
    async run(context, count) {
      await prepareEnvironment(context);
      const folders = ['charts/vigia', 'ops', 'gitops'];
      const git = await startGitServer(join(context.cluster.directory, 'git'), WORKSPACE, folders);
      try {
        const argoCd = await startArgoCd(context.cluster, context.helm);
        say('Argo CD and a git server are up');
        try {
          await count.all(gitopsCases(git), context);
        } finally {
          await argoCd.stop();
        }
      } finally {
        await git.stop();
      }
    },
  },
};

class Counter {
  passed = 0;
  failed = 0;

  /** In order, each on what the ones before left. */
  async all(cases: Record<string, Case>, context: Context): Promise<void> {
    for (const [name, run] of Object.entries(cases)) {
      const since = Date.now();
      try {
        const measured = await run(context);
        this.passed++;
        say(`passed  ${name} (${seconds(since)})${measured ? `: ${measured}` : ''}`);
      } catch (error) {
        this.failed++;
        const { message, cause } = error as Error;
        say(`FAILED  ${name} (${seconds(since)}): ${message}${cause ? `\n        ${String(cause)}` : ''}`);
      }
    }
  }
}

/** `node dist/cluster/suite.js [GROUP ...]`; all groups where none is named. */
async function main(names: string[]): Promise<number> {
  const unknown = names.filter((name) => !Object.hasOwn(GROUPS, name));
  if (unknown.length > 0) {
    console.error(`no group ${unknown.join(', ')}: one of ${Object.keys(GROUPS).join(', ')}`);
    return 2;
  }
  const groups = names.length === 0 ? Object.keys(GROUPS) : names;
  buildClusterPrograms([...CLUSTER_PARTS, ...groups.flatMap((name) => GROUPS[name]!.parts)], say);
  const helm = findHelm() ?? program('helm');
  const count = new Counter();
  for (const name of groups) {
    const directory = join(LOGS, name);
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    const since = Date.now();
    const cluster: Cluster = await startCluster({ directory, metrics: GROUPS[name]!.parts.includes('metrics-server') });
    say(`${name}: the cluster is up after ${seconds(since)}; logs in ${directory}`);
    try {
      await GROUPS[name]!.run({ cluster, helm }, count);
    } finally {
      await cluster.stop();
    }
  }
  console.log(`${count.passed} passed, ${count.failed} failed`);
  return count.failed === 0 ? 0 : 1;
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
