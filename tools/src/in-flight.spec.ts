import { InFlight } from './in-flight.js';

test('a failure that nobody waits for at its time is told to the next', async () => {
  const work = new InFlight(2);
  let fail: (error: Error) => void = () => undefined;
  await work.add(new Promise((_, reject) => (fail = reject)));
  fail(new Error('lost'));
  await Promise.resolve();
  await expect(work.add(Promise.resolve())).rejects.toThrow('lost');
  await expect(work.end()).rejects.toThrow('lost');
});

test('no more runs than the limit', async () => {
  const work = new InFlight(3);
  let running = 0;
  let most = 0;
  const task = async (): Promise<void> => {
    most = Math.max(most, ++running);
    await new Promise((resolve) => setImmediate(resolve));
    running--;
  };
  for (let i = 0; i < 20; i++) await work.add(task());
  await work.end();
  expect(most).toBe(3);
});
