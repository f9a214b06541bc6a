import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Cluster } from '@vigia/testing';
import { WORKSPACE } from '../stack.js';

/** The training worker's own suite of its executor, out of its build: no tool imports an app. */
const BUILT = join(WORKSPACE, 'apps/training-worker/dist/executor/kubernetes-cases.fixture.js');

interface ExecutorSuite {
  openExecutorCases(
    cluster: Cluster,
  ): Promise<{ cases: Record<string, () => Promise<string | void>>; close: () => Promise<void> }>;
}

/** Cases of trainings as Kubernetes Jobs; `close` after the last. */
export async function openExecutorCases(cluster: Cluster): ReturnType<ExecutorSuite['openExecutorCases']> {
  const suite = (await import(pathToFileURL(BUILT).href)) as ExecutorSuite;
  return suite.openExecutorCases(cluster);
}
