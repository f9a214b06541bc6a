import { slot, type OnlinePlan, type Statistic } from '@vigia/features';
import { testPrefix, valkeyServer } from '@vigia/testing';
import { OnlineStore, type Observation } from './online-store.js';

const EVENTS = 50_000;
const START_MS = 1_700_000_000_000;
const HOUR_MS = 3_600_000;

const plan: OnlinePlan = {
  id: '50000e50000e',
  states: [
    {
      name: 'payee',
      windows: [
        { lengthMs: HOUR_MS, delayMs: 0 },
        { lengthMs: 720 * HOUR_MS, delayMs: 0 },
        { lengthMs: 360 * HOUR_MS, delayMs: HOUR_MS },
      ],
      maximum: true,
      minimum: true,
      distinct: true,
      squares: true,
      labels: true,
    },
  ],
  entities: [{ name: 'payee', state: 0, observe: true }],
};

/** Everything about event i follows from i, without randomness: 30 s apart, 700 payers, amounts that swing and climb. */
const timeOf = (i: number) => START_MS + i * 30_000;
const amountOf = (i: number) => 1 + ((i * 7_919) % 100_003) * (i % 13 === 0 ? 97 : 1);
const counterpartyOf = (i: number) => `k1.${(i * i) % 701}`;
const idOf = (i: number) => `E12345678202311142213${String(i).padStart(11, '0')}`;
const requestOf = (i: number) => ({
  eventId: idOf(i),
  atMs: timeOf(i),
  amountCents: amountOf(i),
  observe: true,
  entities: [{ key: 'hot', counterparty: counterpartyOf(i) }],
});

/** The events of a window, counted anew. */
function expected(window: number, nowMs: number, upTo: number, frauds: Set<number>) {
  const { lengthMs, delayMs } = plan.states[0]!.windows[window]!;
  let [count, sum, squares, maximum, minimum, labelled] = [0, 0, 0n, 0, Infinity, 0];
  const counterparties = new Set<string>();
  for (let i = 0; i <= upTo; i++) {
    if (timeOf(i) <= nowMs - delayMs - lengthMs || timeOf(i) > nowMs - delayMs) continue;
    const amount = amountOf(i);
    count++;
    sum += amount;
    squares += BigInt(amount) ** 2n;
    maximum = Math.max(maximum, amount);
    minimum = Math.min(minimum, amount);
    counterparties.add(counterpartyOf(i));
    if (frauds.has(i)) labelled++;
  }
  const live = delayMs === 0 ? { maximum, minimum, distinct: counterparties.size } : {};
  return { count, sum, squares, labelled, ...live };
}

function answered(window: number, { values }: Observation) {
  const read = (statistic: Statistic) => values[slot(plan, 0, window, statistic)]!;
  const squares = (BigInt(read('squaresHigh')) << 40n) + BigInt(read('squaresLow'));
  const live =
    plan.states[0]!.windows[window]!.delayMs === 0
      ? { maximum: read('maximum'), minimum: read('minimum'), distinct: read('distinct') }
      : {};
  return { count: read('count'), sum: read('sum'), squares, labelled: read('labelled'), ...live };
}

test('its windows are still right, and labels find their events', async () => {
  const store = await OnlineStore.connect({
    url: await valkeyServer(),
    plan,
    prefix: testPrefix(),
    timeoutMs: 10_000,
  });
  let last: Observation | undefined;
  for (let i = 0; i < EVENTS; i += 100) {
    const answers = await Promise.all(Array.from({ length: 100 }, (_, k) => store.observe(requestOf(i + k))));
    last = answers.at(-1);
  }
  const frauds = new Set<number>();
  for (const i of [0, 1, 25_000, 40_000, 49_900, 49_999]) {
    const result = await store.label({ ...requestOf(i), fraud: true });
    // The longest window holds 86,400 events' time: all are there.
    expect(result.results).toEqual(['changed']);
    frauds.add(i);
  }
  expect((await store.label({ ...requestOf(30_000), eventId: idOf(EVENTS), fraud: true })).results).toEqual([
    'not_found',
  ]);
  for (const w of [0, 1, 2]) {
    expect(answered(w, last!)).toEqual(expected(w, timeOf(EVENTS - 1), EVENTS - 1, new Set()));
  }
  // Read as of moments at which the windows empty bit by bit, at whole steps and one ms beside them.
  for (const afterMs of [0, 1, 29_999, 30_000, HOUR_MS - 1, HOUR_MS, 300 * HOUR_MS, 500 * HOUR_MS + 1]) {
    const atMs = timeOf(EVENTS - 1) + afterMs;
    const read = await store.observe({ ...requestOf(EVENTS), atMs, observe: false });
    for (const w of [0, 1, 2]) {
      const right = expected(w, atMs, EVENTS - 1, frauds);
      expect(answered(w, read)).toEqual({ ...right, ...(right.count === 0 && w < 2 ? { minimum: 0 } : {}) });
    }
  }
  store.close();
}, 120_000);
