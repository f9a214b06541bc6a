import type { V1Job, V1Pod, V1PodStatus } from '@kubernetes/client-node';
import { endOf, faultOfFailure, faultOfWaiting, waitingOf } from './kubernetes-verdict.js';

const failed: V1Job = { status: { conditions: [{ type: 'Failed', status: 'True', reason: 'BackoffLimitExceeded' }] } };
const podWith = (status: V1PodStatus): V1Pod => ({ spec: { containers: [{ name: 'job', image: 'i:1' }] }, status });
const container = (state: object) => [
  { name: 'job', image: 'i:1', imageID: '', ready: false, restartCount: 0, state },
  // A sidecar ends otherwise.
  { name: 'proxy', image: 'p:1', imageID: '', ready: false, restartCount: 0, state: { terminated: { exitCode: 9 } } },
];
const ended = (exitCode: number) => podWith({ containerStatuses: container({ terminated: { exitCode } }).reverse() });

test.each<[string, V1Pod | null, string, RegExp]>([
  [
    'drained',
    podWith({ conditions: [{ type: 'DisruptionTarget', status: 'True', message: 'Eviction API: evicting' }] }),
    'dependency_unavailable',
    /Eviction API/,
  ],
  ['on a node that is lost', podWith({ reason: 'NodeLost' }), 'dependency_unavailable', /NodeLost/],
  ['deleted', podWith({ containerStatuses: container({ running: {} }) }), 'dependency_unavailable', /while it ran/],
  ['never seen', null, 'dependency_unavailable', /before it was seen/],
  ['refused by the command', ended(2), 'training_refused', /^no fraud$/],
  ['ended by a signal', ended(143), 'internal', /by SIGTERM/],
  ['ended with a code that is no signal', ended(200), 'internal', /ended with 200/],
])('a pod %s', (_, pod, code, message) => {
  const fault = faultOfFailure(failed, pod, 'vigia-train', 'no fraud\n');
  expect(fault).toMatchObject({ code, message: expect.stringMatching(message) as unknown });
});

test('a Job whose pods are still ending has not ended', () => {
  expect(endOf({ status: { conditions: [{ type: 'FailureTarget', status: 'True' }] } })).toBeNull();
  expect(endOf({})).toBeNull();
  expect(endOf(failed)).toBe('failed');
});

test.each<[string, V1Pod | null, string, RegExp]>([
  ['without a pod', null, 'no_capacity', /not made its pod/],
  [
    'on its node',
    podWith({ containerStatuses: container({ waiting: { reason: 'ContainerCreating' } }) }),
    'no_capacity',
    /prepares it/,
  ],
  [
    'without a secret of its template',
    podWith({
      containerStatuses: container({
        waiting: { reason: 'CreateContainerConfigError', message: 'secret "x" not found' },
      }),
    }),
    'internal',
    /its container: secret "x" not found/,
  ],
])('a Job that waits %s', (_, pod, code, text) => {
  const waiting = waitingOf(pod, []);
  expect(waiting).toMatchObject({ code, text: expect.stringMatching(text) as unknown });
  expect(faultOfWaiting(waiting, 5).retryAfterS).toBe(code === 'no_capacity' ? 60 : undefined);
});
