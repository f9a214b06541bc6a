import { Health } from './health.js';

test('ready when every check passes, not ready with the names of those that fail', async () => {
  const seen: string[] = [];
  const health = new Health((name) => seen.push(name));
  expect(await health.readiness()).toEqual({ status: 'ready', failing: [] });
  let up = true;
  health.add('database', () => undefined);
  health.add('model', async () => {
    if (!up) throw new Error('password=SECRET');
  });
  expect(await health.readiness()).toEqual({ status: 'ready', failing: [] });
  up = false;
  expect(await health.readiness()).toEqual({ status: 'not_ready', failing: ['model'] });
  expect(seen).toEqual(['model']);
});

test('a check that never answers counts as failed', async () => {
  const health = new Health();
  health.add('stuck', () => new Promise(() => undefined));
  expect(await health.readiness()).toEqual({ status: 'not_ready', failing: ['stuck'] });
});

test('once draining it is never ready again', async () => {
  const health = new Health();
  health.drain();
  expect(await health.readiness()).toEqual({ status: 'draining', failing: [] });
});

test('a name stands for one check', () => {
  const health = new Health();
  health.add('a', () => undefined);
  expect(() => health.add('a', () => undefined)).toThrow('exists already');
});
