import { existsSync, readFileSync, readdirSync } from 'node:fs';
import type { PseudonymousPayment } from '@vigia/contracts';
import type { AuditReport } from './audit-report.js';
import { DAY_MS, HOUR_MS, MINUTE_MS, ServedHistory } from './served-history.fixture.js';

jest.setTimeout(180_000);

let history: ServedHistory;
beforeEach(async () => {
  history = await ServedHistory.open();
});
afterEach(() => history.close());

const reportOf = ({ report }: { report: string }): AuditReport =>
  JSON.parse(readFileSync(report, 'utf8')) as AuditReport;
const NONE = { labelsInFlight: 0, degraded: 0, otherFeatureSet: 0, recordedMeanwhile: 0 };

/** `count` payments an hour apart; every ninth becomes known as fraud some days later, every third of these is cleared. */
async function months(count: number): Promise<void> {
  const verdicts: { payment: PseudonymousPayment; fraud: boolean; atMs: number }[] = [];
  for (let i = 0; i < count; i++) {
    const payment = await history.pay(i % 10 === 0 ? 0 : HOUR_MS);
    if (i % 9 === 0) verdicts.push({ payment, fraud: true, atMs: history.nowMs + 3 * DAY_MS });
    if (i % 27 === 0) verdicts.push({ payment, fraud: false, atMs: history.nowMs + 8 * DAY_MS });
    for (const verdict of verdicts.filter(({ atMs }) => atMs <= history.nowMs)) {
      await history.label(verdict.payment, verdict.fraud);
      verdicts.splice(verdicts.indexOf(verdict), 1);
    }
  }
}

test('months of payments and labels: nothing differs, of any feature, with the history cut off before', async () => {
  await months(3_000);
  const [fromMs, toMs] = [history.nowMs - 20 * DAY_MS, history.nowMs + 1];
  const steps: string[] = [];
  const shares: number[] = [];
  const result = await history.audit(fromMs, toMs, {
    progress: (share, step) => {
      shares.push(share);
      if (steps.at(-1) !== step) steps.push(step);
    },
  });
  const report = reportOf(result);
  const { compared, mismatched, late, lateMismatched, ...apart } = report.rows;
  expect({ mismatched, lateMismatched, apart }).toEqual({ mismatched: 0, lateMismatched: 0, apart: NONE });
  expect(compared).toBeGreaterThan(400);
  expect(late).toBeGreaterThan(10);
  expect(report.history.payments).toBeGreaterThan(compared + late);
  expect(report.history.payments).toBeLessThan(3_000);
  expect(report.history.labels).toBeGreaterThan(200);
  expect(report).toMatchObject({ format: 1, firstDifference: null, examples: [], lateFeatures: {} });
  expect(result).toMatchObject({ mismatchRatios: {}, firstDifference: null });
  for (const name of history.set.features) {
    const tolerance = ['payer_mean_30d', 'payer_std_30d', 'amount_to_payer_mean', 'amount_deviation'].includes(name)
      ? 'one_step'
      : 'equal';
    expect([name, report.features[name]]).toEqual([name, { tolerance, compared, mismatched: 0, ratio: 0 }]);
  }
  const metrics = await history.metrics.registry.metrics();
  expect(metrics).toMatch(/^vigia_feature_mismatch_ratio\{feature="payee_fraud_share_30d".*\} 0$/m);
  expect(metrics).toMatch(new RegExp(`^vigia_audit_rows\\{result="late".*\\} ${late}$`, 'm'));
  expect(steps).toEqual(['reading the history', 'recomputing', 'comparing', 'done']);
  expect(shares).toEqual([...shares].sort((a, b) => a - b));
  expect(readdirSync(history.path('offline'))).toEqual([]);
});

test('an event that the windows never got is found and named', async () => {
  await months(300);
  const fromMs = history.nowMs - 2 * DAY_MS;
  await history.pay(MINUTE_MS, 'usual', { payer: 'ana', payee: 'bia', lateMs: 0 });
  const dropped = await history.pay(MINUTE_MS, 'ledger_only', { payer: 'ana', payee: 'bia', lateMs: 0 });
  const next = await history.pay(MINUTE_MS, 'usual', { payer: 'ana', payee: 'caio', lateMs: 0 });
  await months(50);
  const result = await history.audit(fromMs, history.nowMs + 1);
  expect(result.firstDifference).toMatchObject({ kind: 'lacking', endToEndId: dropped.endToEndId });
  expect(result.mismatchRatios['payer_count_1d']).toBeGreaterThan(0);
  const { examples, rows } = reportOf(result);
  expect(rows.mismatched).toBeGreaterThanOrEqual(2);
  for (const { endToEndId } of [dropped, next]) {
    const example = examples.find((one) => one.endToEndId === endToEndId)!;
    expect(example.cause).toMatchObject({ kind: 'lacking', endToEndId: dropped.endToEndId });
    const count = example.features.find(({ name }) => name === 'payer_count_1h')!;
    expect(count.served).toBe(count.recomputed! - 1);
  }
  const metrics = await history.metrics.registry.metrics();
  expect(metrics).toMatch(/^vigia_feature_mismatch_ratio\{feature="payer_count_1h".*\} 0\.\d+$/m);
});

test('one that they lack from before the range is found in the history', async () => {
  await history.pay(MINUTE_MS, 'usual', { payer: 'ana', lateMs: 0 });
  const dropped = await history.pay(MINUTE_MS, 'ledger_only', { payer: 'ana', payee: 'bia', lateMs: 0 });
  for (let i = 0; i < 5; i++) await history.pay(DAY_MS, 'usual', { payer: 'ana', lateMs: 0 });
  const fromMs = history.nowMs;
  await history.pay(MINUTE_MS, 'usual', { payer: 'ana', payee: 'caio', lateMs: 0 });
  const result = await history.audit(fromMs, history.nowMs + 1);
  expect(result.rows).toMatchObject({ mismatched: 2, compared: 2 });
  expect(result.firstDifference).toMatchObject({
    kind: 'lacking',
    entity: 'payer',
    endToEndId: dropped.endToEndId,
  });
});

test('one that the ledger does not have is found between its neighbours', async () => {
  const parties = { payer: 'ana', payee: 'bia', lateMs: 0 };
  const before = await history.pay(MINUTE_MS, 'usual', parties);
  await history.pay(MINUTE_MS, 'windows_only', parties);
  const after = await history.pay(MINUTE_MS, 'usual', parties);
  const result = await history.audit(history.nowMs - HOUR_MS, history.nowMs + 1);
  expect(result.firstDifference).toMatchObject({
    kind: 'surplus',
    endToEndId: after.endToEndId,
    after: before.endToEndId,
  });
});

test('what was served without the windows, or from those of another set, is counted apart and named as what they lack', async () => {
  const parties = { payer: 'ana', payee: 'bia', lateMs: 0 };
  const fromMs = history.nowMs;
  await history.pay(MINUTE_MS, 'usual', parties);
  const away = await history.pay(MINUTE_MS, 'store_away', parties);
  await history.pay(MINUTE_MS, 'usual', parties);
  await history.pay(MINUTE_MS, 'other_set', { payer: 'dora', payee: 'edu', lateMs: 0 });
  const result = await history.audit(fromMs, history.nowMs + 1);
  expect(result.rows).toEqual({
    ...NONE,
    compared: 2,
    mismatched: 1,
    late: 0,
    lateMismatched: 0,
    degraded: 1,
    otherFeatureSet: 1,
  });
  expect(result.firstDifference).toMatchObject({ kind: 'lacking', endToEndId: away.endToEndId, notServed: true });
});

test('late rows that differ are counted apart', async () => {
  const parties = { payer: 'ana', payee: 'bia' };
  const fromMs = history.nowMs;
  await history.pay(MINUTE_MS, 'usual', { ...parties, lateMs: 0 });
  await history.pay(MINUTE_MS, 'ledger_only', { ...parties, lateMs: 0 });
  await history.pay(MINUTE_MS, 'usual', { ...parties, lateMs: HOUR_MS });
  const result = await history.audit(fromMs, history.nowMs + 1);
  expect(result.rows).toMatchObject({ compared: 2, mismatched: 1, late: 1, lateMismatched: 1 });
  expect(Object.keys(reportOf(result).lateFeatures)).toContain('payer_count_1h');
});

test('a label that the windows were not told is found, and the payment named that it is of', async () => {
  const parties = { payer: 'ana', payee: 'bia', lateMs: 0 };
  const fromMs = history.nowMs;
  const payment = await history.pay(MINUTE_MS, 'usual', parties);
  await history.label(payment, true, { to: 'ledger' });
  await history.pay(MINUTE_MS, 'usual', parties);
  const result = await history.audit(fromMs, history.nowMs + 1);
  expect(result.rows).toMatchObject({ compared: 2, mismatched: 1 });
  expect(Object.keys(result.mismatchRatios).every((name) => name.includes('fraud'))).toBe(true);
  expect(result.firstDifference).toMatchObject({ kind: 'label', endToEndId: payment.endToEndId });
});

test('a label of which nobody noted when it arrived is in flight until it was noted', async () => {
  const parties = { payer: 'ana', payee: 'bia', lateMs: 0 };
  const fromMs = history.nowMs;
  const payment = await history.pay(MINUTE_MS, 'usual', parties);
  const knownAt = new Date(history.nowMs + MINUTE_MS).toISOString();
  await history.ledger.recordOutcome(
    { endToEndId: payment.endToEndId, source: 'med', result: 'agreed', situation: 'scam', knownAt },
    { caller: 'med-desk', recordedAtMs: history.nowMs + MINUTE_MS },
  );
  await history.label(payment, true, { afterMs: MINUTE_MS, to: 'windows' });
  await history.pay(MINUTE_MS, 'usual', parties);
  // The next process finds it there.
  await history.label(payment, true, { afterMs: HOUR_MS });
  await history.pay(MINUTE_MS, 'usual', parties);
  const result = await history.audit(fromMs, history.nowMs + 1);
  expect(result.rows).toEqual({ ...NONE, compared: 2, mismatched: 0, late: 0, lateMismatched: 0, labelsInFlight: 1 });
});

test('an empty range is an audit of nothing, and says nothing of features', async () => {
  await history.pay(MINUTE_MS);
  const result = await history.audit(history.nowMs + 1, history.nowMs + 2);
  expect(result).toMatchObject({ rows: { compared: 0 }, firstDifference: null });
  expect(await history.metrics.registry.metrics()).not.toMatch(/^vigia_feature_mismatch_ratio\{/m);
});

test.each(['reading the history', 'recomputing', 'comparing'])(
  'an audit that is cancelled while %s ends with the reason and leaves nothing',
  async (step) => {
    await months(100);
    const control = new AbortController();
    if (step.startsWith('reading')) control.abort(new Error('cancelled'));
    const audit = history.audit(history.nowMs - DAY_MS, history.nowMs, {
      signal: control.signal,
      progress: (_, now) => {
        if (now === step) control.abort(new Error('cancelled'));
      },
    });
    await expect(audit).rejects.toThrow('cancelled');
    expect(readdirSync(history.path('offline'))).toEqual([]);
    expect(existsSync(history.path('reports'))).toBe(false);
  },
);
