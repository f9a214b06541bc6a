import type { Outcome } from '@vigia/contracts';
import { TEST_TIME_MS, createTestDatabase, type TestDatabase } from '@vigia/testing';
import { Client } from 'pg';
import type { AssessmentRow } from './assessment-row.js';
import type { DecidedPayment } from './decided-payments.js';
import { Ledger } from './ledger.js';
import { migrate } from './migrate.js';
import type { NewPolicyChange } from './policy-changes.js';
import type { ShadowedPayment } from './policy-shadow.js';
import { assessmentRow } from './row.fixture.js';
import { temporarySpool } from './spool-directory.fixture.js';

let database: TestDatabase;
let ledger: Ledger;

beforeEach(async () => {
  database = await createTestDatabase(migrate);
  ledger = Ledger.connect({ url: database.url });
});
afterEach(async () => {
  await ledger.close();
  await database.drop();
});

const [ONE, TWO] = ['aaaaaaaaaaaa', 'bbbbbbbbbbbb'];
const person = { by: 'Ana', reason: 'a new rule', caller: 'console' };
const draft = (version: string, graph: unknown = { nodes: [] }) =>
  ledger.policies.keep({ policy: 'pix', version, graph, settings: {}, origin: 'draft', ...person });
const change = (to: string | null, rest: Partial<NewPolicyChange> = {}) =>
  ledger.policies.change({ policy: 'pix', kind: 'publish', to, override: false, ...person, ...rest });
const tested = (version: string) =>
  ledger.policies.recordBackTest({ jobId: `job-${version}`, policy: 'pix', version, report: { payments: 3 } });

async function record(rows: AssessmentRow[]): Promise<void> {
  const writer = await ledger.openWriter({ spoolDirectory: temporarySpool() });
  await Promise.all(rows.map((row) => writer.record(row)));
  await writer.close();
}

async function label({ endToEndId }: AssessmentRow, said: Pick<Outcome, 'source' | 'result'>, knownAtMs: number) {
  const outcome: Outcome = { endToEndId, situation: 'scam', knownAt: new Date(knownAtMs).toISOString(), ...said };
  await ledger.recordOutcome(outcome, { caller: 'bank', recordedAtMs: knownAtMs });
}

test('a version comes back as it was sent, is kept once and can be neither changed nor taken away', async () => {
  const graph = { z: 1, a: ['\u0000', { nested: null }] };
  expect(await draft(ONE, graph)).toBe('new');
  expect(await draft(ONE, { other: true })).toBe('known');
  const kept = await ledger.policies.version('pix', ONE);
  expect(JSON.stringify(kept?.graph)).toBe(JSON.stringify(graph));
  expect(await ledger.policies.versions('pix', 10)).toMatchObject([{ version: ONE, by: 'Ana', origin: 'draft' }]);
  expect(await ledger.policies.version('other', ONE)).toBeNull();
  const client = new Client({ connectionString: database.url });
  await client.connect();
  await expect(client.query(`UPDATE policy_version SET made_by = 'x'`)).rejects.toThrow('audit trail');
  await expect(client.query('DELETE FROM policy_version')).rejects.toThrow('audit trail');
  await client.end();
});

test('what nobody back-tested is published by override only, on record; what was published before goes back at once', async () => {
  await draft(ONE);
  await draft(TWO);
  expect(await ledger.policies.named('pix')).toEqual({ live: null, shadow: null });
  await expect(change(ONE)).rejects.toMatchObject({ code: 'policy_not_tested' });
  await tested(ONE);
  expect(await change(ONE, { expected: null })).toMatchObject({ from: null, to: ONE, overridden: [] });
  expect(await change(TWO, { override: true })).toMatchObject({
    from: ONE,
    overridden: ['no back-test of the version'],
  });
  expect(await change(ONE)).toMatchObject({ from: TWO, to: ONE });
  expect(await ledger.policies.named('pix')).toEqual({ live: ONE, shadow: null });
  expect((await ledger.policies.changes('pix', 10)).map(({ to }) => to)).toEqual([ONE, TWO, ONE]);
  expect(await ledger.policies.backTests('pix', ONE, 5)).toMatchObject([{ report: { payments: 3 } }]);
});

test('of two who publish on the same ground the second is refused; unknown versions are, too', async () => {
  await draft(ONE);
  await draft(TWO);
  await tested(ONE);
  await tested(TWO);
  const both = await Promise.allSettled([change(ONE, { expected: null }), change(TWO, { expected: null })]);
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'published_meanwhile' } });
  await expect(change('cccccccccccc')).rejects.toMatchObject({ code: 'not_found' });
});

test('a version decides in shadow until another does, or none', async () => {
  await draft(ONE);
  expect(await change(ONE, { kind: 'shadow' })).toMatchObject({ kind: 'shadow', from: null, to: ONE });
  expect(await ledger.policies.named('pix')).toEqual({ live: null, shadow: ONE });
  expect(await change(null, { kind: 'shadow' })).toMatchObject({ from: ONE, to: null });
  expect(await ledger.policies.named('pix')).toEqual({ live: null, shadow: null });
});

test('decisions come in pages, each with what was known of it before a moment', async () => {
  await ledger.ensurePartitions('2026-11-20', '2026-11-20');
  const rows = Array.from({ length: 2_100 }, (_, i) =>
    assessmentRow({ policy: { name: 'pix', version: ONE } }, { acceptedAtMs: TEST_TIME_MS + i }),
  );
  await record(rows);
  const known = TEST_TIME_MS + 10_000;
  await label(rows[0]!, { source: 'med', result: 'agreed' }, known);
  await label(rows[0]!, { source: 'customer', result: 'disagreed' }, known + 1);
  await label(rows[1]!, { source: 'med', result: 'disagreed' }, known);
  await label(rows[2]!, { source: 'med', result: 'agreed' }, known + 10);
  await label(rows[3]!, { source: 'med', result: 'open' }, known);
  const pages: DecidedPayment[][] = [];
  const range = { fromMs: TEST_TIME_MS, toMs: TEST_TIME_MS + 2_050, knownBeforeMs: known + 5 };
  for await (const page of ledger.policies.decided(range)) pages.push(page);
  expect(pages.map(({ length }) => length)).toEqual([1_000, 1_000, 50]);
  expect(pages[0]!.slice(0, 4).map(({ fraud }) => fraud)).toEqual([true, false, null, null]);
  const { payment, vector, rules, probability, decision, policy } = rows[1_500]!;
  expect(pages[1]![500]).toMatchObject({ payment, rules, probability, decision, policy, fraud: null });
  expect([...pages[1]![500]!.vector]).toEqual([...vector]);
  expect(await ledger.policies.newest('pix')).toBe(ONE);
  expect(await ledger.policies.newest('other')).toBeNull();
});

test('what a policy would have decided stands beside what was decided', async () => {
  const rows = [0, 1, 2].map((i) =>
    assessmentRow({ policy: { name: 'pix', version: ONE }, decision: i === 2 ? 'reject' : 'approve' }),
  );
  await record(rows);
  await label(rows[1]!, { source: 'med', result: 'agreed' }, TEST_TIME_MS + 1_000);
  const shadow = rows.map(({ endToEndId }, i) => ({
    endToEndId,
    policy: 'pix',
    version: TWO,
    decision: 'review' as const,
    rules: ['a "rule"'],
    decidedAtMs: TEST_TIME_MS + i,
  }));
  await ledger.policies.recordShadow([...shadow, shadow[0]!]);
  const range = { policy: 'pix', version: TWO, fromMs: TEST_TIME_MS, toMs: TEST_TIME_MS + 10, limit: 2 };
  const payments: ShadowedPayment[] = [];
  for await (const chunk of ledger.policies.shadowed(range)) payments.push(...chunk);
  expect(payments).toHaveLength(2);
  expect(payments).toContainEqual(expect.objectContaining({ decision: 'reject', shadow: 'review', fraud: null }));
  expect(payments).toContainEqual(
    expect.objectContaining({ decidedBy: ONE, decision: 'approve', shadow: 'review', fraud: true }),
  );
});
