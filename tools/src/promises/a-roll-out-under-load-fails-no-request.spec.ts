import { waitFor } from '@vigia/testing';
import { Bank, Scoring } from './bank.fixture.js';
import { Load, notRecorded } from './load.fixture.js';
import { ReadyEndpoints } from './ready-endpoints.fixture.js';

jest.setTimeout(240_000);

/** In the proportion of the chart: a probe takes an endpoint out well within the grace. */
const PROBE_MS = 100;
const SETTINGS = { SHUTDOWN_GRACE_MS: '2000' };
const PATIENCE = { timeoutMs: 60_000 };

let bank: Bank;
let service: ReadyEndpoints;

beforeAll(async () => {
  bank = await Bank.open();
  service = await ReadyEndpoints.open(PROBE_MS);
});
afterAll(async () => {
  await service?.close();
  await bank.close();
});

async function startPod(name: string): Promise<Scoring> {
  const pod = await bank.startScoring(SETTINGS, name);
  service.add(pod.url);
  await waitFor(() => service.isReady(pod.url), PATIENCE);
  return pod;
}

test('two pods are replaced, each old one told to end when a new one is ready: every payment is answered and recorded', async () => {
  const old = [await startPod('old-1'), await startPod('old-2')];
  const behindService = new Scoring(old[0]!.app, service.url, bank.key, old[0]!.directory);
  const load = new Load(() => behindService);
  await load.answered(200);

  const young: Scoring[] = [];
  for (const [index, pod] of old.entries()) {
    young.push(await startPod(`new-${index + 1}`));
    expect(await pod.app.stop()).toBe(0);
    await load.answered(100);
  }
  await load.stop();

  expect(load.refusals).toEqual([]);
  expect(load.lost).toEqual([]);
  const record = await bank.record();
  expect(notRecorded(load.answers, record)).toEqual([]);
  expect(record.size).toBe(load.answers.length);
  for (const pod of young) expect(await pod.metric('vigia_requests_in_flight')).toBe(0);
});
