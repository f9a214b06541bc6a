import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Cluster, KubernetesObject } from '@vigia/testing';
import { parseAllDocuments } from 'yaml';
import { render } from '../delivery/helm.js';
import { WORKSPACE } from '../stack.js';
import type { Context } from './context.js';

/** The training worker's own suite of its executor, out of its build: no tool imports an app. */
const BUILT = join(WORKSPACE, 'apps/training-worker/dist/executor/kubernetes-cases.fixture.js');

interface ExecutorSuite {
  openExecutorCases(
    cluster: Cluster,
    chart: KubernetesObject[],
  ): Promise<{ cases: Record<string, () => Promise<string | void>>; close: () => Promise<void> }>;
}

const WITH_JOBS = [
  'apps.training-worker.jobs.enabled=true',
  'apps.training-worker.gpu.enabled=true',
  'shared.offline.accessMode=ReadWriteMany',
].flatMap((value) => ['--set', value]);

/** Cases of trainings as Kubernetes Jobs; `close` after the last. */
export async function openExecutorCases({ cluster, helm }: Context): ReturnType<ExecutorSuite['openExecutorCases']> {
  const { manifests, problem } = render(helm, WITH_JOBS);
  if (problem !== '') throw new Error(problem);
  const chart = parseAllDocuments(manifests)
    .map((document) => document.toJS() as KubernetesObject | null)
    .filter((object) => object !== null);
  const suite = (await import(pathToFileURL(BUILT).href)) as ExecutorSuite;
  return suite.openExecutorCases(cluster, chart);
}
