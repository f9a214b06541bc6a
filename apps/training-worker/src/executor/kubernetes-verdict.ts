import { constants } from 'node:os';
import { Fault } from '@vigia/contracts';
import type { CoreV1Event, V1ContainerStatus, V1Job, V1Pod } from '@kubernetes/client-node';
import { faultOfEnd } from './exit-codes.js';
import type { Command } from './executor.js';

/** Why a pod does not run yet, and whose business that is. */
export interface Waiting {
  code: 'no_capacity' | 'internal';
  text: string;
}

const conditionOf = <Condition extends { type: string }>(conditions: Condition[] | undefined, type: string) =>
  conditions?.find((each) => each.type === type);

/** True as soon as the command has run, whatever came of it. */
export const hasRun = (pod: V1Pod): boolean => {
  const { running, terminated } = containerOf(pod)?.state ?? {};
  return running !== undefined || terminated !== undefined;
};

/** @param events those of the Job; only asked for where it has no pod */
export function waitingOf(pod: V1Pod | null, events: CoreV1Event[]): Waiting {
  if (pod === null) {
    const failed = events.filter(({ reason }) => reason === 'FailedCreate').at(-1)?.message;
    if (failed === undefined) return { code: 'no_capacity', text: 'Kubernetes has not made its pod yet' };
    return { code: /exceeded quota/.test(failed) ? 'no_capacity' : 'internal', text: failed };
  }
  const scheduled = conditionOf(pod.status?.conditions, 'PodScheduled');
  if (scheduled?.status === 'False') {
    return { code: 'no_capacity', text: `No node takes it: ${scheduled.message ?? scheduled.reason}` };
  }
  const waiting = containerOf(pod)?.state?.waiting;
  if (waiting?.reason !== undefined && waiting.reason !== 'ContainerCreating') {
    const of = /Image/.test(waiting.reason) ? `the image ${pod.spec?.containers[0]?.image}` : 'its container';
    return { code: 'internal', text: `${waiting.reason} of ${of}: ${waiting.message ?? 'no reason given'}` };
  }
  return { code: 'no_capacity', text: `Its node ${pod.spec?.nodeName ?? '(none yet)'} prepares it` };
}

/** The fault of a pod that did not begin in time. */
export function faultOfWaiting({ code, text }: Waiting, seconds: number): Fault {
  return new Fault(code, {
    detail: `It did not begin within ${seconds} s. ${text}. See the PodTemplate of trainings, and the nodes it asks for.`,
    ...(code === 'no_capacity' ? { retryAfterS: 60 } : {}),
  });
}

/** How a Job ended; null while it has not, which is as long as a pod of it is there that has not. */
export function endOf(job: V1Job): 'complete' | 'failed' | null {
  const is = (type: string): boolean => conditionOf(job.status?.conditions, type)?.status === 'True';
  if (is('Complete')) return 'complete';
  return is('Failed') ? 'failed' : null;
}

/**
 * What the failure of a Job means.
 * @param pod as it was seen last: it is deleted where a deadline is passed or a node is lost
 * @param lastWords end of what the command said
 */
export function faultOfFailure(job: V1Job, pod: V1Pod | null, command: Command, lastWords: string): Fault {
  if (conditionOf(job.status?.conditions, 'Failed')?.reason === 'DeadlineExceeded') {
    const seconds = job.spec?.activeDeadlineSeconds;
    return new Fault('limit_exceeded', {
      detail: `${command} was ended after ${seconds} s. Let it do less, or raise KUBERNETES_DEADLINE_SECONDS.`,
    });
  }
  const terminated = pod === null ? undefined : containerOf(pod)?.state?.terminated;
  if (terminated?.reason === 'OOMKilled') {
    const limit = pod?.spec?.containers[0]?.resources?.limits?.['memory'];
    return new Fault('limit_exceeded', {
      detail: `${command} was killed at its limit of memory, ${limit}. Train on fewer rows, or raise that of the PodTemplate.`,
    });
  }
  const why = lostBy(pod);
  if (why !== null) {
    return new Fault('dependency_unavailable', { detail: `The pod of ${command} was lost: ${why}.`, retryAfterS: 30 });
  }
  const code = terminated?.exitCode ?? null;
  return faultOfEnd(command, code, code === null ? null : signalOf(code), lastWords);
}

/** A container that a signal ended has the exit code 128 and the signal's number, as in a shell. */
function signalOf(exitCode: number): NodeJS.Signals | null {
  const names = Object.entries(constants.signals) as [NodeJS.Signals, number][];
  return names.find(([, number]) => number === exitCode - 128)?.[0] ?? null;
}

/** Why the pod ended without its command's doing; null where the command ended. */
function lostBy(pod: V1Pod | null): string | null {
  if (pod === null) return 'it was deleted before it was seen';
  const { reason, message, conditions } = pod.status ?? {};
  const disruption = conditionOf(conditions, 'DisruptionTarget');
  if (disruption?.status === 'True') return disruption.message ?? disruption.reason ?? 'DisruptionTarget';
  if (reason === 'Evicted' || reason === 'NodeLost' || reason === 'Preempting') return message ?? reason;
  return containerOf(pod)?.state?.terminated === undefined ? 'it was deleted while it ran' : null;
}

function containerOf(pod: V1Pod): V1ContainerStatus | undefined {
  const name = pod.spec?.containers[0]?.name;
  return pod.status?.containerStatuses?.find((status) => status.name === name);
}
