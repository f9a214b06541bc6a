import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { OnlineStore } from '@vigia/online-store';
import { pseudonymousPaymentBuilder, spawnTypescript, testPrefix } from '@vigia/testing';
import { Redis } from 'ioredis';
import { Site } from './site.fixture.js';

jest.setTimeout(120_000);

const OLD = '0123456789ab';
const prefix = testPrefix();
let site: Site;
let redis: Redis;

beforeAll(async () => {
  site = await Site.open();
  redis = new Redis(site.redisUrl);
  for (const id of [OLD, site.set.plan.id]) {
    const plan = { ...site.set.plan, id };
    const store = await OnlineStore.connect({ url: site.redisUrl, plan, prefix, timeoutMs: 10_000 });
    await store.observe(site.requestOf(pseudonymousPaymentBuilder()));
    store.close();
  }
});
afterAll(async () => {
  redis?.disconnect();
  await site?.close();
});

async function drop(...args: string[]): Promise<{ code: number; answer: string }> {
  const child = spawnTypescript(join(__dirname, 'drop-state.ts'), [
    '--redis-url',
    site.redisUrl,
    '--prefix',
    prefix,
    ...args,
  ]);
  const [answer, [code]] = await Promise.all([text(child.stdout), once(child, 'close') as Promise<[number]>]);
  return { code, answer };
}

const keysOf = (id: string) => redis.keys(`${prefix}:${id}:*`);

test('the old one goes, after a look; the served one is refused without --force', async () => {
  const [old, served] = [await keysOf(OLD), await keysOf(site.set.plan.id)];
  const looked = await drop('--feature-set-hash', OLD, '--dry-run');
  expect(JSON.parse(looked.answer)).toMatchObject({ keys: old.length, dryRun: true });
  expect(await keysOf(OLD)).toHaveLength(old.length);

  const dropped = await drop('--feature-set-hash', OLD.padEnd(64, '0'));
  expect(JSON.parse(dropped.answer)).toMatchObject({ keys: old.length, libraries: [expect.stringMatching(OLD)] });
  expect(await keysOf(OLD)).toEqual([]);

  expect(await drop('--feature-set-hash', site.set.hash)).toEqual({ code: 1, answer: '' });
  expect((await keysOf(site.set.plan.id)).sort()).toEqual(served.sort());
  expect((await drop('--feature-set-hash', site.set.hash, '--force')).code).toBe(0);
  expect(await keysOf(site.set.plan.id)).toEqual([]);
  expect((await drop('--feature-set-hash', 'none')).code).toBe(1);
});
