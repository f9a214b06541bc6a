import { waitFor } from '@vigia/testing';
import { Admission } from './overload.js';

const admission = () => new Admission({ maxInFlight: 2, maxLoopDelayMs: 100 });

test('one more than the limit is refused with a time to wait, until one is released', () => {
  const gate = admission();
  gate.admit();
  gate.admit();
  expect(() => gate.admit()).toThrow(expect.objectContaining({ code: 'overloaded', retryAfterS: 1 }));
  gate.release();
  gate.admit();
  expect(gate.inFlight).toBe(2);
});

test('requests are refused while the event loop runs late', () => {
  const gate = admission();
  gate.sample(101);
  expect(() => gate.admit()).toThrow(expect.objectContaining({ code: 'overloaded' }));
  gate.sample(100);
  gate.admit();
});

test('the watch sees a blocked event loop', async () => {
  const gate = admission();
  let nowMs = 0;
  gate.watch(() => (nowMs += 520));
  await waitFor(() => gate.loopDelayMs === 500);
  gate.unwatch();
  expect(() => gate.admit()).toThrow(expect.objectContaining({ code: 'overloaded' }));
});

test('once closed all are refused, and it is drained when the last is released', async () => {
  const gate = admission();
  await gate.drained();
  gate.admit();
  gate.close();
  expect(() => gate.admit()).toThrow(expect.objectContaining({ code: 'shutting_down' }));
  let drained = false;
  const end = gate.drained().then(() => (drained = true));
  await Promise.resolve();
  expect(drained).toBe(false);
  gate.release();
  await end;
});
