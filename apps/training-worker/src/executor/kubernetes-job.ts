import { createHash } from 'node:crypto';
import type { V1Job, V1PodTemplate } from '@kubernetes/client-node';
import type { Attempt, Task } from './executor.js';

/** Where a Job says which job it is of. */
export const JOB_ID = 'vigia/job-id';

/** The same for the same attempt at every worker, so that one takes over what another began. At most 63 characters. */
export function jobNameOf(template: string, { command, jobId, attempt }: Attempt): string {
  const digest = createHash('sha256').update(`${command}\n${jobId}`).digest('hex').slice(0, 16);
  return `${template}-${digest}-${attempt}`;
}

/**
 * The Job of an attempt: the pod of the template, whose first container gets the command as its arguments. It runs once, since the queue
 * tries again, and goes with its template, so with the release.
 */
export function jobOf(
  template: V1PodTemplate,
  task: Pick<Task, keyof Attempt | 'args'>,
  limits: { deadlineSeconds: number; ttlSeconds: number },
): V1Job {
  const { name: templateName, uid, labels = {} } = template.metadata!;
  const { metadata, spec } = template.template!;
  const [container, ...others] = spec!.containers;
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: jobNameOf(templateName!, task),
      labels,
      annotations: { [JOB_ID]: task.jobId },
      ownerReferences: [{ apiVersion: 'v1', kind: 'PodTemplate', name: templateName!, uid: uid! }],
    },
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: limits.deadlineSeconds,
      ttlSecondsAfterFinished: limits.ttlSeconds,
      template: {
        metadata: { ...metadata, annotations: { ...metadata?.annotations, [JOB_ID]: task.jobId } },
        spec: {
          ...spec!,
          restartPolicy: 'Never',
          // As arguments: the image's entry point passes signals on and gathers what a command leaves behind.
          containers: [{ ...container!, args: [task.command, ...task.args] }, ...others],
        },
      },
    },
  };
}
