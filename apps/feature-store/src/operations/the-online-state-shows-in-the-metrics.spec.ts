import { pseudonymousPaymentBuilder, startValkey, testPseudonym, waitFor, type OwnedServer } from '@vigia/testing';
import { Site } from '../site.fixture.js';

jest.setTimeout(120_000);

let valkey: OwnedServer;
let site: Site;

beforeAll(async () => {
  // A look goes over keys of all tests: a server that holds only these is seen whole by the first.
  valkey = await startValkey();
  site = await Site.open(valkey.url);
});
afterAll(async () => {
  await site?.close();
  await valkey?.stop();
});

test('memory by kind of entity, the hottest entity, freshness', async () => {
  const store = await site.onlineStore();
  const acceptedAtMs = Date.now();
  const busy = testPseudonym('busy');
  for (let i = 0; i < 30; i++) {
    const payer = { person: i % 2 === 0 ? busy : testPseudonym(`payer ${i}`) };
    await store.observe(site.requestOf(pseudonymousPaymentBuilder({ acceptedAtMs, payer })));
  }
  const { url } = await site.start({ GAUGE_REFRESH_SECONDS: '1' });
  const sample = async (name: string): Promise<number> => {
    const text = await (await fetch(`${url}/metrics`)).text();
    const line = text.split('\n').find((each) => name.split(' ').every((part) => each.includes(part)));
    return Number(line?.split(' ').at(-1));
  };
  await waitFor(async () => (await sample('vigia_online_entities{ state="payer"')) >= 16, { timeoutMs: 30_000 });
  expect(await sample('vigia_online_state_bytes{ state="payer"')).toBeGreaterThan(16 * 500);
  const hottest = `vigia_online_hottest_entity_bytes{ state="payer"`;
  await waitFor(async () => (await sample(hottest)) > 500, { timeoutMs: 30_000 });
  expect(await sample('vigia_online_newest_event_timestamp_seconds{')).toBeCloseTo(acceptedAtMs / 1_000, 3);
  expect(await sample('vigia_online_evicted_keys{')).toBe(0);
});
