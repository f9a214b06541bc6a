import type { Service } from '@vigia/platform';
import { waitFor } from '@vigia/testing';
import { person, reviewed } from '../reviews.fixture.js';
import { PATIENCE, Site, ask } from '../site.fixture.js';
import type { CaseDetailView, CaseView } from './case-view.js';
import type { CaseResult, EndedHold } from './cases.service.js';

jest.setTimeout(180_000);

let site: Site;
let service: Service;

beforeAll(async () => {
  site = await Site.open();
  service = await site.start({ CASE_LOOK_MS: '50', OVERDUE_HOLDS_ARE: 'cancelled' });
});
afterAll(() => site?.close());

const get = <Body>(path: string) => ask<Body>(`${service.url}/v1/${path}`, site.keys.analyst);
const post = <Body>(path: string, body: unknown) => ask<Body>(`${service.url}/v1/${path}`, site.keys.analyst, body);
const caseOf = async (endToEndId: string): Promise<string> => {
  await waitFor(async () => (await site.ledger.cases.ofPayment(endToEndId)) !== null, PATIENCE);
  return (await site.ledger.cases.ofPayment(endToEndId))!.case.id;
};
const metric = async (sample: string): Promise<string | undefined> => {
  const text = await (await fetch(`${service.url}/metrics`)).text();
  return text
    .split('\n')
    .find((line) => line.startsWith('vigia_') && sample.split(' ').every((part) => line.includes(part)));
};

test('the queue, one assignment and one call of verdicts serve 200 cases; each payment has its label', async () => {
  const rows = Array.from({ length: 200 }, (_, index) => reviewed({}, { amountCents: 1_000 * (index + 1) }));
  await site.record(rows);
  await waitFor(async () => (await site.ledger.cases.counts()).unassigned === 200, PATIENCE);
  const { body: queue } = await get<{ cases: CaseView[]; next?: string }>('cases?limit=200');
  expect(queue.next).toBeUndefined();
  expect(queue.cases[0]).toMatchObject({ state: 'open', payments: 1, pending: 1, expectedLoss: '1000.00' });
  const cases = queue.cases.map(({ id }) => id);
  const assigned = await post<{ results: CaseResult[] }>('cases/assignments', { by: 'ana', assignee: 'ana', cases });
  expect(assigned.body.results.filter((result) => 'problem' in result)).toEqual([]);
  expect((await get<{ cases: CaseView[] }>('cases?unassigned=true')).body.cases).toEqual([]);
  const verdicts = cases.map((id, index) =>
    index % 2 === 0
      ? { case: id, verdict: 'genuine' }
      : { case: id, verdict: 'fraud', situation: 'scam', fraudMarker: 'mule_account' },
  );
  const judged = await post<{ results: CaseResult[] }>('cases/verdicts', { by: 'ana', verdicts });
  expect(judged.body.results.filter((result) => 'problem' in result)).toEqual([]);
  expect((await get<{ cases: CaseView[] }>('cases')).body.cases).toEqual([]);
  const outcomes = await site.ledger.outcomesOf(rows.map(({ endToEndId }) => endToEndId));
  const labels = [...outcomes.values()].flat();
  expect(labels).toHaveLength(200);
  expect(labels.filter(({ result, source }) => source === 'analyst' && result === 'agreed')).toHaveLength(100);
  expect(labels.every(({ caller }) => caller === 'console:ana')).toBe(true);
  expect(await metric('case_verdicts_total verdict="fraud"')).toMatch(/ 100$/);
});

test('of many verdicts each has its own result', async () => {
  const [one, other] = [reviewed(), reviewed()];
  await site.record([one, other]);
  const [first, second] = [await caseOf(one.endToEndId), await caseOf(other.endToEndId)];
  await post(`cases/${second}/assignment`, { by: 'bruno', assignee: 'bruno' });
  const verdicts = [first, second, '999999'].map((id) => ({ case: id, verdict: 'genuine' }));
  const { status, body } = await post<{ results: CaseResult[] }>('cases/verdicts', { by: 'ana', verdicts });
  expect(status).toBe(200);
  expect(body.results).toMatchObject([
    { case: first, status: 'done' },
    { case: second, problem: { status: 409, type: 'urn:vigia:problem:case_taken' } },
    { case: '999999', problem: { status: 404 } },
  ]);
});

test('a case shows why, what is known and who did what; another’s is a conflict', async () => {
  const payer = person();
  const rows = [reviewed({}, { payer: { person: payer } }), reviewed({}, { payer: { person: payer } })];
  await site.record(rows);
  const id = await caseOf(rows[1]!.endToEndId);
  expect(await caseOf(rows[0]!.endToEndId)).toBe(id);
  expect((await post(`cases/${id}/assignment`, { by: 'ana', assignee: 'ana' })).status).toBe(200);
  const taken = await post<{ detail: string }>(`cases/${id}/assignment`, { by: 'bruno', assignee: 'bruno' });
  expect(taken).toMatchObject({ status: 409, body: { type: 'urn:vigia:problem:case_taken' } });
  expect(taken.body.detail).toContain('ana works on case');
  const med = {
    endToEndId: rows[0]!.endToEndId,
    source: 'med',
    result: 'open',
    situation: 'scam',
    reportId: 'r-1',
  } as const;
  const knownAt = new Date(rows[0]!.acceptedAtMs + 1_000).toISOString();
  await site.ledger.recordOutcome({ ...med, knownAt }, { caller: 'med', recordedAtMs: Date.now() });
  await post(`cases/${id}/notes`, { by: 'ana', text: 'The payer does not answer.' });
  const { body } = await get<CaseDetailView>(`cases/${id}`);
  expect(body).toMatchObject({ assignee: 'ana', payments: 2 });
  const item = body.items.find(({ endToEndId }) => endToEndId === rows[0]!.endToEndId)!;
  expect(item).toMatchObject({
    amount: '950.00',
    assessment: { rules: ['night_limit'], policy: { version: '3' } },
    reasons: [{ code: 'night_limit' }],
    outcomes: [{ source: 'med', result: 'open', reportId: 'r-1' }],
  });
  expect(body.events.map(({ kind, by }) => `${kind} ${by}`)).toEqual([
    'noted ana',
    'assigned ana',
    'payment_added vigia',
    'opened vigia',
  ]);
});

test('whoever has the money reads which holds ended, also those of which nobody said anything', async () => {
  const late = reviewed({}, { acceptedAtMs: Date.now() - 3_600_000 });
  const confirmed = reviewed();
  await site.record([late, confirmed]);
  const before = await ask<{ holds: EndedHold[] }>(`${service.url}/v1/ended-holds?limit=1000`, site.keys.reader);
  const id = await caseOf(confirmed.endToEndId);
  expect((await post(`cases/${id}/hold-end`, { by: 'ana', end: 'released' })).status).toBe(200);
  expect(await post(`cases/${id}/hold-end`, { by: 'ana', end: 'cancelled' })).toMatchObject({
    status: 409,
    body: { type: 'urn:vigia:problem:hold_over' },
  });
  await caseOf(late.endToEndId);
  await waitFor(async () => (await site.ledger.cases.ofPayment(late.endToEndId))!.payment.hold!.end !== null, PATIENCE);
  const after = before.body.holds.filter(({ endToEndId }) => endToEndId !== late.endToEndId).at(-1)?.id ?? '0';
  const { body } = await ask<{ holds: EndedHold[] }>(
    `${service.url}/v1/ended-holds?after=${after}&limit=1000`,
    site.keys.reader,
  );
  const ends = new Map(body.holds.map(({ endToEndId, end, by }) => [endToEndId, `${end} ${by}`]));
  expect(ends.get(confirmed.endToEndId)).toBe('released ana');
  expect(ends.get(late.endToEndId)).toBe('cancelled vigia');
  expect(await metric('case_holds_ended_total end="cancelled" by="service"')).toMatch(/ 1$/);
});

test('a service that starts anew goes on where the other ended', async () => {
  await site.record([reviewed()]);
  await waitFor(async () => (await site.ledger.cases.waiting()).count === 0, PATIENCE);
  await service.close();
  const missed = Array.from({ length: 5 }, () => reviewed());
  await site.record(missed);
  expect((await site.ledger.cases.waiting()).count).toBe(5);
  service = await site.start({ CASE_LOOK_MS: '50' });
  for (const { endToEndId } of missed) expect(await caseOf(endToEndId)).toMatch(/^[0-9]+$/);
});

test.each([
  ['a verdict of fraud without its kind', 'verdict', { by: 'ana', verdict: 'fraud' }, 'situation'],
  ['what is genuine with a mark', 'verdict', { by: 'ana', verdict: 'genuine', fraudMarker: 'other' }, 'fraudMarker'],
  ['a verdict by nobody', 'verdict', { verdict: 'genuine' }, 'by'],
  ['a note with a CPF', 'notes', { by: 'ana', text: 'is 123.456.789-09' }, 'text'],
  ['a note with an e-mail', 'notes', { by: 'ana', text: 'ask fulano@exemplo.com.br' }, 'text'],
  ['a hold that runs out by hand', 'hold-end', { by: 'ana', end: 'ran_out' }, 'end'],
])('%s is refused by the name of the field', async (_, path, body, field) => {
  const answer = await post<{ errors: { field: string }[] }>(`cases/1/${path}`, body);
  expect(answer.status).toBe(400);
  expect(answer.body.errors.map((error) => error.field)).toEqual([field]);
});

test('a key without the scope is refused, and what is no case is not found', async () => {
  expect((await ask(`${service.url}/v1/cases`, site.keys.reader)).status).toBe(403);
  expect((await get('cases/none')).status).toBe(404);
  expect((await get('cases?after=nonsense')).status).toBe(400);
});
