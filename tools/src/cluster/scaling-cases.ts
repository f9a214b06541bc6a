import { equal, ok } from 'node:assert/strict';
import {
  NAMESPACE,
  apps,
  condition,
  isLeaving,
  nodeOf,
  pods,
  readyPods,
  settles,
  type Case,
  type Context,
} from './context.js';

const HPA = `/apis/autoscaling/v2/namespaces/${NAMESPACE}/horizontalpodautoscalers/vigia-scoring`;

/** What every scoring pod uses, as metrics-server reads it; new pods get it, too, as long as it is set. */
async function use(context: Context, cpu: string): Promise<void> {
  for (const pod of await readyPods(context, 'scoring')) {
    const annotations = { 'vigia.test/cpu': cpu };
    await context.cluster.api.patch(`${pods()}/${pod.metadata.name}`, { metadata: { annotations } });
  }
}

const scalesWithLoad: Case = async (context) => {
  const { api } = context.cluster;
  const replicas = async (): Promise<number> => (await api.get(apps('statefulsets', 'vigia-scoring')))['spec'].replicas;
  await settles(
    'the autoscaler reads metrics',
    async () => condition(await api.get(HPA), 'ScalingActive').status === 'True',
  );
  equal(await replicas(), 2);
  // Requests are 1 processor, the target 65 %.
  await use(context, '1500m');
  const outSeconds = await settles(
    'load scales scoring out',
    async () => (await readyPods(context, 'scoring')).length >= 4,
  );
  const most = await replicas();
  ok(most <= 12, 'more than maxReplicas');
  // Five minutes of quiet come before the chart scales in; here they would be waited for.
  await api.patch(HPA, { spec: { behavior: { scaleDown: { stabilizationWindowSeconds: 0 } } } });
  await use(context, '10m');
  const inSeconds = await settles('without load it scales in', async () => (await replicas()) < most);
  return `2 -> ${most} pods after ${outSeconds.toFixed(0)} s of load; in again after ${inSeconds.toFixed(0)} s (window set to 0)`;
};

const losesANode: Case = async (context) => {
  const { api } = context.cluster;
  const [lost] = (await readyPods(context, 'ingestion')).map(nodeOf);
  const began = Date.now();
  await context.cluster.loseNode(lost!);
  await settles('its pods leave', async () => {
    const node = await api.get(`/api/v1/nodes/${lost}`);
    const there = (await api.list(pods())).filter((pod) => nodeOf(pod) === lost);
    return condition(node, 'Ready').status === 'Unknown' && there.every(isLeaving);
  });
  await settles('ingestion has its two pods on other nodes', async () => {
    const ready = await readyPods(context, 'ingestion');
    return ready.length === 2 && ready.every((pod) => nodeOf(pod) !== lost);
  });
  const seconds = Math.round((Date.now() - began) / 1_000);
  // Pods with a disk are made anew only when it is sure that the old ones ended: the cloud removes the machine's node.
  await api.delete(`/api/v1/nodes/${lost}`);
  await settles('pods with disks, too, are made anew elsewhere', async () => {
    const all = await api.list(pods());
    const sets = await api.list(`/apis/apps/v1/namespaces/${NAMESPACE}/statefulsets`);
    return (
      all.every((pod) => nodeOf(pod) !== lost) &&
      sets.every(({ spec, status }) => status.readyReplicas === spec.replicas)
    );
  });
  return `ingestion whole again after ${seconds} s, StatefulSets ${Math.round((Date.now() - began) / 1_000)} s`;
};

export const SCALING_CASES: Record<string, Case> = {
  'the autoscaler moves scoring out under load and in without': scalesWithLoad,
  'a node is lost: its pods run elsewhere': losesANode,
};
