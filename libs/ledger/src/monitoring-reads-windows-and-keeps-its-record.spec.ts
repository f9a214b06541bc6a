import { createTestDatabase, type TestDatabase } from '@vigia/testing';
import { Client } from 'pg';
import type { Alert, AlertStep, MonitoredPayment, MonitoringWindow } from './index.js';
import { Ledger } from './ledger.js';
import { migrate } from './migrate.js';
import { PAGE_PLAN } from './assessment-pages.js';
import { PAGE } from './monitored-payments.js';
import { assessmentRow } from './row.fixture.js';
import { temporarySpool } from './spool-directory.fixture.js';

const FROM_MS = Date.UTC(2026, 10, 20, 10);
const HOUR_MS = 3_600_000;
const MODEL = 'pix-fraud';

let database: TestDatabase;
let ledger: Ledger;

beforeAll(async () => {
  database = await createTestDatabase(migrate);
  ledger = Ledger.connect({ url: database.url });
  await ledger.ensurePartitions('2026-11-20', '2026-11-20');
});
afterAll(async () => {
  await ledger?.close();
  await database?.drop();
});

async function record(rows: ReturnType<typeof assessmentRow>[]): Promise<void> {
  const writer = await ledger.openWriter({ spoolDirectory: temporarySpool(), maxInFlight: 10_000 });
  await Promise.all(rows.map((row) => writer.record(row)));
  await writer.close();
}

async function paymentsIn(fromMs: number, toMs: number): Promise<MonitoredPayment[]> {
  const found: MonitoredPayment[] = [];
  for await (const page of ledger.monitoring.payments({ model: MODEL, fromMs, toMs })) found.push(...page);
  return found;
}

const window = (index: number, overrides: Partial<MonitoringWindow> = {}): MonitoringWindow => ({
  model: MODEL,
  bundleVersion: '',
  role: 'service',
  fromMs: FROM_MS + index * HOUR_MS,
  toMs: FROM_MS + (index + 1) * HOUR_MS,
  payments: 10,
  counts: { some: [1, 2] },
  verdicts: [
    {
      signal: 'volume',
      kind: 'volume_shift',
      state: 'alarm',
      alarmed: true,
      streak: 0,
      good: false,
      value: 1.5,
      numbers: { lastGood: null },
      reason: null,
    },
  ],
  ...overrides,
});

const change = { severity: 'warning' as const, signals: [], windows: 1, seenAtMs: FROM_MS + HOUR_MS };

test('every payment of a window comes once, over page ends and equal times, with the shadows of the model', async () => {
  const rows = Array.from({ length: 2_500 }, (_, index) =>
    // Hundreds at each moment, so that pages end among equals; the last ones lie outside.
    assessmentRow(
      { model: { name: MODEL, version: '1' } },
      { acceptedAtMs: FROM_MS + Math.floor(index / 400) * 60_000 + (index >= 2_400 ? HOUR_MS : 0) },
    ),
  );
  await record(rows);
  const shadow = {
    endToEndId: rows[7]!.endToEndId,
    bundleVersion: '2',
    probability: 0.5,
    margin: 0,
    scoredAtMs: FROM_MS,
  };
  await ledger.recordShadowScores([
    { ...shadow, model: MODEL },
    { ...shadow, model: 'another' },
  ]);
  const found = await paymentsIn(FROM_MS, FROM_MS + HOUR_MS);
  expect(found).toHaveLength(2_400);
  expect(new Set(found.map(({ endToEndId }) => endToEndId)).size).toBe(2_400);
  const [one] = found.filter(({ shadows }) => shadows.length > 0);
  expect(one).toEqual({
    endToEndId: rows[7]!.endToEndId,
    traits: {
      acceptedAtMs: FROM_MS,
      amountCents: 95_000,
      initiationForm: 'DICT',
      side: 'payer',
      payerIsCompany: false,
      payeeIsCompany: false,
      channel: null,
    },
    decision: 'approve',
    reasons: ['night'],
    degraded: [],
    vector: Float32Array.of(1.5, NaN, -0, 950.25),
    featureSetHash: 'a'.repeat(64),
    scored: { model: MODEL, bundleVersion: '1', probability: 0.0123 },
    latencyUs: 710,
    shadows: [{ bundleVersion: '2', probability: 0.5 }],
  });
});

test('a page walks the index from where the last one ended: it neither sorts nor reads the rest', async () => {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  try {
    await client.query(`ANALYZE assessment; ${PAGE_PLAN}; PREPARE page AS ${PAGE}`);
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(
      "EXPLAIN EXECUTE page ('2026-11-20T10:01:00Z', '2026-11-20T11:00:00Z', 'E')",
    );
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).toContain('Merge Append');
    expect(plan).toMatch(/Index Scan using assessment_20261120_accepted_at/);
    expect(plan).not.toMatch(/Bitmap|Seq Scan|Sort {2}\(/);
  } finally {
    await client.end();
  }
});

test('an aborted reading ends with the reason', async () => {
  const control = new AbortController();
  const reading = async (): Promise<void> => {
    const range = { model: MODEL, fromMs: FROM_MS, toMs: FROM_MS + HOUR_MS, signal: control.signal };
    for await (const page of ledger.monitoring.payments(range)) if (page.length > 0) control.abort(new Error('enough'));
  };
  await expect(reading()).rejects.toThrow('enough');
});

test('labels: the last word counts, since the moment of the first, with every score', async () => {
  const row = assessmentRow({ model: { name: MODEL, version: '1' }, probability: 0.7 }, { acceptedAtMs: FROM_MS });
  await record([row]);
  const { endToEndId } = row;
  await ledger.recordShadowScores([
    { endToEndId, model: MODEL, bundleVersion: '2', probability: 0.4, margin: 0, scoredAtMs: FROM_MS },
  ]);
  const say = (result: 'open' | 'agreed' | 'disagreed', days: number) =>
    ledger.recordOutcome(
      {
        endToEndId,
        source: 'med',
        result,
        situation: 'scam',
        knownAt: new Date(FROM_MS + days * 24 * HOUR_MS).toISOString(),
      },
      { caller: 'med', recordedAtMs: FROM_MS },
    );
  const judged = (knownDays: number) =>
    ledger.monitoring.judged({
      model: MODEL,
      fromMs: FROM_MS,
      toMs: FROM_MS + HOUR_MS,
      knownBeforeMs: FROM_MS + knownDays * 24 * HOUR_MS,
      limit: 10,
    });
  await say('open', 1);
  expect(await judged(9)).toEqual([]);
  await say('agreed', 2);
  await say('disagreed', 4);
  await say('agreed', 6);
  const scores = [
    { bundleVersion: '1', probability: 0.7 },
    { bundleVersion: '2', probability: 0.4 },
  ];
  const known = { endToEndId, acceptedAtMs: FROM_MS, fraudKnownAtMs: FROM_MS + 48 * HOUR_MS, scores };
  expect(await judged(3)).toMatchObject([{ ...known, traits: { amountCents: 95_000 }, fraud: true }]);
  expect(await judged(5)).toMatchObject([{ ...known, fraud: false }]);
  expect(await judged(9)).toMatchObject([{ ...known, fraud: true }]);
});

test('a label of a payment that nobody assessed, or older than its payment, is refused by name and reaches no window', async () => {
  const atMs = FROM_MS + 30 * 24 * HOUR_MS;
  const row = assessmentRow({ model: { name: MODEL, version: '1' } }, { acceptedAtMs: atMs });
  await record([row]);
  const say = (endToEndId: string, knownAtMs: number) =>
    ledger.recordOutcome(
      { endToEndId, source: 'med', result: 'agreed', situation: 'scam', knownAt: new Date(knownAtMs).toISOString() },
      { caller: 'med', recordedAtMs: atMs },
    );
  await expect(say(`E00000000${row.endToEndId.slice(9)}`, atMs + 1)).rejects.toMatchObject({ code: 'unknown_payment' });
  await expect(say(row.endToEndId, atMs - 1)).rejects.toMatchObject({ code: 'outcome_before_payment' });
  const range = { model: MODEL, fromMs: atMs - HOUR_MS, toMs: atMs + HOUR_MS, knownBeforeMs: atMs + HOUR_MS, limit: 9 };
  expect(await ledger.monitoring.judged(range)).toEqual([]);
});

test('a window is recorded once, whole or not at all', async () => {
  const { monitoring } = ledger;
  const nobody = () => [];
  expect(await monitoring.monitoredUntil(MODEL)).toBeNull();
  expect(await monitoring.recordWindow(window(0), () => [], nobody)).toBe(true);
  const again = window(0, { payments: 99 });
  expect(await monitoring.recordWindow(again, () => [{ step: 'open', kind: 'volume_shift', change }], nobody)).toBe(
    false,
  );
  expect(await monitoring.alerts({ limit: 10 })).toEqual([]);
  expect(await monitoring.windows({ model: MODEL, untilMs: FROM_MS + HOUR_MS, limit: 10 })).toEqual([window(0)]);
  const failing = (): AlertStep[] => {
    throw new RangeError('no steps');
  };
  await expect(monitoring.recordWindow(window(1), failing, nobody)).rejects.toThrow('no steps');
  expect(await monitoring.monitoredUntil(MODEL)).toBe(FROM_MS + HOUR_MS);
});

test('an alert is told when it opens, when it becomes critical and when it ends; a silenced one is not', async () => {
  const { monitoring } = ledger;
  let at = 10;
  const events: string[] = [];
  const step = (steps: (open: Alert[]) => AlertStep[]) =>
    monitoring.recordWindow(window(at++), steps, (event, alert) => {
      events.push(event);
      return [{ channel: 'webhook', body: { event, id: alert.id } }];
    });
  await step(() => [{ step: 'open', kind: 'volume_shift', change }]);
  await step(([alert]) => [{ step: 'update', alert: alert!, change: { ...change, windows: 2 } }]);
  await step(([alert]) => [{ step: 'update', alert: alert!, change: { ...change, severity: 'critical' } }]);
  expect(events).toEqual(['opened', 'escalated']);
  const [{ id }] = (await monitoring.alerts({ model: MODEL, state: 'open', limit: 1 })) as [Alert];
  await monitoring.silence(id, { untilMs: FROM_MS + 100 * HOUR_MS, by: 'Ana', reason: 'known' });
  await step(([alert]) => [{ step: 'resolve', alert: alert! }]);
  expect(events).toEqual(['opened', 'escalated']);
  expect(await monitoring.alerts({ state: 'open', limit: 9 })).toEqual([]);
  await expect(monitoring.silence(id, { untilMs: 0, by: 'Ana', reason: 'late' })).rejects.toThrow(/No alert/);
});

test('a notice is taken by one at a time, and again when it failed or its taker is gone', async () => {
  const { monitoring } = ledger;
  expect(await monitoring.pendingNotices()).toEqual({ webhook: 2, email: 0 });
  expect(await monitoring.takeNotice('email', 60_000)).toBeNull();
  const take = (leaseMs: number) => monitoring.takeNotice('webhook', leaseMs);
  const [first, second] = await Promise.all([take(60_000), take(60_000)]);
  expect(new Set([first!.body['event'], second!.body['event']])).toEqual(new Set(['opened', 'escalated']));
  expect(await take(60_000)).toBeNull();
  await monitoring.endNotice(first!.id, { kind: 'again', afterMs: 0 });
  await monitoring.endNotice(second!.id, { kind: 'sent' });
  // Its taker dies: the lease is over at once.
  expect(await take(0)).toMatchObject({ id: first!.id, attempts: 2 });
  expect(await take(60_000)).toMatchObject({ id: first!.id, attempts: 3 });
  await monitoring.endNotice(first!.id, { kind: 'given_up' });
  expect(await monitoring.pendingNotices()).toEqual({ webhook: 0, email: 0 });
});

test('an action is claimed once an alert, within cool-down and budget, also by many at once', async () => {
  const { monitoring } = ledger;
  const alertIds: string[] = [];
  for (let index = 0; index < 4; index++) {
    const bundleVersion = `v${index}`;
    const opened = window(40, { bundleVersion, role: 'champion' });
    await monitoring.recordWindow(
      opened,
      () => [{ step: 'open', kind: 'score_drift', change }],
      () => [],
    );
  }
  for (const { id } of await monitoring.alerts({ state: 'open', limit: 9 })) alertIds.push(id);
  const claim = (alertId: string, askedAtMs: number) =>
    monitoring.claimAction(
      {
        alertId,
        kind: 'retrain',
        model: MODEL,
        jobId: `alert-${alertId}`,
        cause: { alert: alertId, kind: 'score_drift', bundleVersion: 'v0', signals: [] },
        request: {},
        askedAtMs,
      },
      { coolDownMs: HOUR_MS, budget: 2, periodMs: 100 * HOUR_MS },
    );
  const many = await Promise.all(alertIds.map((id) => claim(id, FROM_MS)));
  const [claimed] = many.filter((each) => each !== null);
  expect(many.filter((each) => each !== null)).toHaveLength(1);
  expect(await claim(claimed!.alertId, FROM_MS + 2 * HOUR_MS)).toBeNull();
  const others = alertIds.filter((id) => id !== claimed!.alertId);
  expect(await claim(others[0]!, FROM_MS + 2 * HOUR_MS)).not.toBeNull();
  // The budget of two is used up until the first is old.
  expect(await claim(others[1]!, FROM_MS + 50 * HOUR_MS)).toBeNull();
  expect(await claim(others[1]!, FROM_MS + 101 * HOUR_MS)).not.toBeNull();
  await monitoring.endAction(claimed!, { failure: 'no rows' });
  await monitoring.endAction({ alertId: others[0]!, kind: 'retrain' }, { followedAtMs: FROM_MS });
  expect((await monitoring.openActions()).map(({ alertId }) => alertId)).toEqual([others[1]]);
  expect(await monitoring.actionsOf([claimed!.alertId])).toMatchObject([{ failure: 'no rows', followedAtMs: null }]);
});
