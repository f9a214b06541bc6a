import type { PolicyChange } from '@vigia/contracts';
import { PIX, compileFeatureSet } from '@vigia/features';
import type { AssessmentRow } from '@vigia/ledger';
import type { JobView, Service } from '@vigia/platform';
import { PolicyEngine, recordedInputs, type PolicySettingsInput } from '@vigia/policy';
import { waitFor } from '@vigia/testing';
import { reviewed } from '../reviews.fixture.js';
import { PATIENCE, Site, ask, type Answer } from '../site.fixture.js';
import type { BackTestReport } from './back-test.js';
import type { CheckedPolicy, PolicyDetail, ShadowReport } from './policies.service.js';

jest.setTimeout(300_000);

const DAY_MS = 86_400_000;
const set = compileFeatureSet(PIX);
/** Noon in Brasília, two days ago: of the payments all stand in one range. */
const NOON_MS = Math.floor(Date.now() / DAY_MS) * DAY_MS - 2 * DAY_MS + 15 * 3_600_000;
const RANGE = { from: new Date(NOON_MS).toISOString(), to: new Date(NOON_MS + DAY_MS).toISOString() };
const person = { by: 'Ana', reason: 'fewer reviews of small amounts' };
/** Reviews from 0.5 instead of 0.15 on, whatever the amount; rejects what the live one does. */
const lenient: PolicySettingsInput = {
  scoreBands: {
    payer: [{ upToCents: null, review: 0.5, reject: 0.8 }],
    payee: [{ upToCents: null, review: 0.5, reject: 0.9 }],
  },
};

let site: Site;
let service: Service;
let live: PolicyEngine;

beforeEach(async () => {
  site = await Site.open();
  service = await site.start();
  live = await PolicyEngine.load();
  const { graph, settings } = live.document;
  const why = { by: 'scoring', reason: 'decides by a file', caller: '' };
  await site.ledger.policies.keep({ policy: 'pix', version: live.version, graph, settings, origin: 'file', ...why });
});
afterEach(() => site.close());

const policies = <Body>(path: string, body?: unknown): Promise<Answer<Body>> =>
  ask<Body>(`${service.url}/v1/policies/pix${path}`, site.keys.admin, body);
const draft = (settings: unknown, graph: unknown = live.document.graph) =>
  policies<CheckedPolicy>('/versions', { graph, settings, ...person });

/** As the live policy decided it at noon. */
async function decided(probability: number, overrides: Partial<AssessmentRow> = {}): Promise<AssessmentRow> {
  const row = reviewed({ probability, rules: [], ...overrides }, { acceptedAtMs: NOON_MS, amountCents: 100_00 });
  const verdict = await live.evaluate(recordedInputs(set.features, live.settings)(row));
  return { ...row, ...verdict, policy: { name: 'pix', version: live.version }, ...overrides };
}

async function label({ endToEndId }: AssessmentRow, result: 'agreed' | 'disagreed'): Promise<void> {
  const knownAt = new Date(NOON_MS + DAY_MS).toISOString();
  const outcome = { endToEndId, source: 'med' as const, result, situation: 'scam' as const, knownAt };
  await site.ledger.recordOutcome(outcome, { caller: 'bank', recordedAtMs: Date.now() });
}

async function backTest(body: object): Promise<JobView> {
  const { status, body: job } = await ask<JobView>(`${service.url}/v1/back-tests`, site.keys.admin, body);
  expect([status, job]).toMatchObject([202, { queue: 'back-test' }]);
  let seen = job;
  await waitFor(async () => {
    seen = (await ask<JobView>(`${service.url}/v1/back-tests/${job.id}`, site.keys.reader)).body;
    return seen.state === 'completed' || seen.state === 'failed';
  }, PATIENCE);
  return seen;
}

/** Of the probabilities 0.01, 0.2, 0.3, 0.6 and 0.95 the live policy approves the first and rejects the last. */
async function fiveDays(): Promise<void> {
  const rows = await Promise.all([0.01, 0.2, 0.3, 0.6, 0.95].map((probability) => decided(probability)));
  expect(rows.map(({ decision }) => decision)).toEqual(['approve', 'review', 'review', 'review', 'reject']);
  const strangers = [
    await decided(0.2, { featureSet: { name: 'pix', hash: 'f'.repeat(64) } }),
    await decided(0.2, { policy: { name: 'other', version: live.version } }),
  ];
  await site.record([...rows, ...strangers]);
  await label(rows[1]!, 'agreed');
  await label(rows[2]!, 'disagreed');
}

test('a draft is back-tested against what decides, published, and the one before is published again', async () => {
  await fiveDays();
  const { status, body: checked } = await draft(lenient);
  expect(status).toBe(201);
  const { version } = checked;
  expect(Object.keys(checked.rules)).toContain('score_review');
  const publishing = `/versions/${version}/publish`;
  expect(await policies(publishing, person)).toMatchObject({
    status: 409,
    body: { type: 'urn:vigia:problem:policy_not_tested' },
  });

  const job = await backTest({ policy: 'pix', version, ...RANGE, reviewCostCents: 1_000, fraudLossShare: 1 });
  const report = job.result as BackTestReport;
  expect(report).toMatchObject({
    policy: 'pix',
    version,
    against: live.version,
    payments: 5,
    live: {
      decisions: { approve: { payments: 1 }, review: { payments: 3 }, reject: { payments: 1 } },
      reviewsPerDay: 3,
      caughtFraud: { payments: 1, cents: 100_00 },
      missedFraud: { payments: 0 },
      falsePositives: { payments: 1 },
      estimatedCostCents: 3 * 1_000 + 1_000,
    },
    draft: {
      decisions: { approve: { payments: 3 }, review: { payments: 1 }, reject: { payments: 1 } },
      caughtFraud: { payments: 0 },
      missedFraud: { payments: 1, cents: 100_00 },
      falsePositives: { payments: 0 },
      estimatedCostCents: 1_000 + 1_000 + 100_00,
    },
    matrix: { review: { approve: { payments: 2, fraud: { payments: 1, cents: 100_00 } }, review: { payments: 1 } } },
    unknown: {
      withoutVerdict: { payments: 3 },
      young: { payments: 5 },
      rejectedThen: { payments: 1, cents: 100_00 },
      rejectedThenApprovedByDraft: { payments: 0 },
    },
    reproduced: { payments: 5, same: 5 },
    leftOut: { otherFeatureSet: 1, otherPolicy: 1 },
    failed: { live: 0, draft: 0 },
  });
  expect(report.segments['amount/100_to_1000_brl']).toMatchObject({
    draft: { decisions: { approve: { payments: 3 } } },
  });

  const published = await policies<PolicyChange>(publishing, { ...person, from: null });
  expect(published).toMatchObject({ status: 200, body: { kind: 'publish', from: null, to: version, overridden: [] } });
  expect(await policies(publishing, { ...person, from: null })).toMatchObject({ status: 409 });
  const back = await policies<PolicyChange>(`/versions/${live.version}/publish`, { by: 'Rui', reason: 'too lenient' });
  expect(back).toMatchObject({ status: 200, body: { from: version, to: live.version, overridden: [] } });
  expect((await policies('')).body).toEqual({ live: live.version, shadow: null });
  expect((await policies<{ changes: PolicyChange[] }>('/history')).body.changes).toMatchObject([
    { by: 'Rui', reason: 'too lenient', to: live.version },
    { by: 'Ana', to: version },
  ]);
  const { body: detail } = await policies<PolicyDetail>(`/versions/${version}`);
  expect(detail).toMatchObject({ by: 'Ana', origin: 'draft', backTests: [{ jobId: job.id, report: { payments: 5 } }] });
  expect((await draft(detail.settings, detail.graph)).body.version).toBe(version);
});

test('what cannot be used is refused with the place and the remedy', async () => {
  const graph = structuredClone(live.document.graph) as { nodes: { id: string; content: { rules: object[] } }[] };
  Object.assign(graph.nodes.find(({ id }) => id === 'hardRules')!.content.rules[0]!, { amountCents: '> > 1' });
  expect(await draft({}, graph)).toMatchObject({
    status: 422,
    body: {
      type: 'urn:vigia:problem:policy_refused',
      errors: [{ field: 'graph', message: expect.stringContaining('row 1, column "Amount (cents)"') as string }],
    },
  });
  expect(await draft({ nightLimitCents: 0.5 })).toMatchObject({
    status: 422,
    body: { errors: [{ field: 'settings.nightLimitCents' }] },
  });
  expect(await policies('/check', { graph: live.document.graph })).toMatchObject({
    status: 200,
    body: { version: live.version },
  });
  const { body } = await policies<{ versions: unknown[] }>('/versions');
  expect(body.versions).toHaveLength(1);
  expect((await policies('/versions/aaaaaaaaaaaa')).status).toBe(404);
  expect((await policies('/versions/latest')).status).toBe(404);
  expect((await policies('/versions/aaaaaaaaaaaa/publish', { ...person, override: true })).status).toBe(404);
});

test('a range that has nothing to decide is no report', async () => {
  const { version } = (await draft(lenient)).body;
  const asked = { policy: 'pix', version, ...RANGE };
  expect(await backTest(asked)).toMatchObject({
    state: 'failed',
    problem: { detail: expect.stringContaining('Name a version') as string },
  });
  expect(await backTest({ ...asked, against: live.version })).toMatchObject({
    state: 'failed',
    problem: { type: 'urn:vigia:problem:range_without_data' },
  });
  const url = `${service.url}/v1/back-tests`;
  expect(await ask(url, site.keys.admin, { ...asked, to: RANGE.from })).toMatchObject({ status: 400 });
  expect(await ask(url, site.keys.admin, { ...asked, version: 'aaaaaaaaaaaa' })).toMatchObject({ status: 404 });
  expect((await policies<PolicyDetail>(`/versions/${version}`)).body.backTests).toEqual([]);
});

test('what a version decided in shadow is held against what was decided', async () => {
  const rows = [await decided(0.01), await decided(0.2)];
  await site.record(rows);
  const { version } = (await draft(lenient)).body;
  expect(await policies('/shadow', { version, ...person })).toMatchObject({ status: 200, body: { to: version } });
  const decidedAtMs = Date.now();
  await site.ledger.policies.recordShadow(
    rows.map(({ endToEndId }) => ({ endToEndId, policy: 'pix', version, decision: 'approve', rules: [], decidedAtMs })),
  );
  const question = (fromMs: number) =>
    `/shadow-comparison?version=${version}&from=${new Date(fromMs).toISOString()}&to=${new Date(fromMs + DAY_MS).toISOString()}`;
  const { status, body } = await policies<ShadowReport>(question(decidedAtMs - 1_000));
  expect([status, body]).toMatchObject([
    200,
    { payments: 2, decidedBy: { [live.version]: 2 }, matrix: { review: { approve: { payments: 1 } } } },
  ]);
  expect(await policies(question(decidedAtMs + 1_000))).toMatchObject({ status: 422 });
});
