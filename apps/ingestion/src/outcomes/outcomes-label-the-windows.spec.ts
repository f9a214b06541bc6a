import { outcome, type OutcomeInput, type PaymentInput } from '@vigia/contracts';
import { PIX, compileFeatureSet } from '@vigia/features';
import { Ledger } from '@vigia/ledger';
import { OnlineStore } from '@vigia/online-store';
import { Metrics, createLogger } from '@vigia/platform';
import { cpf, paymentBuilder, startValkey, testEndToEndId, waitFor, type OwnedServer } from '@vigia/testing';
import { Stack, type Running } from '../stack.fixture.js';
import { IngestionMetrics } from '../ingestion-metrics.js';
import { Labeller } from './labeller.js';

jest.setTimeout(120_000);

let valkey: OwnedServer;
let stack: Stack;
let service: Running;

beforeAll(async () => {
  valkey = await startValkey({ settings: { appendonly: 'yes', appendfsync: 'always' } });
  stack = await Stack.start({ redisUrl: valkey.url });
  service = await stack.ingestion();
});
afterAll(async () => {
  await stack?.stop();
  await valkey?.stop();
});

let payees = 100;
const newPayee = (): string => cpf(payees++);

/** A payment to this payee, assessed. */
async function paid(payee: string): Promise<PaymentInput> {
  const payment = paymentBuilder({
    acceptedAt: new Date().toISOString(),
    payer: { taxId: cpf(1) },
    payee: { taxId: payee, key: payee },
  });
  const response = await fetch(`${service.url}/v1/imports`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', 'x-api-key': stack.key },
    body: JSON.stringify(payment),
  });
  expect(await response.text()).toContain('"assessed":1');
  return payment;
}

/** Frauds that the windows know of this payee, as the next payment sees them. */
async function fraudsOf(payee: string): Promise<number | undefined> {
  const { endToEndId } = await paid(payee);
  return (await stack.assessment(endToEndId)).vector['payee_fraud_count_30d'];
}

const said = (payment: Pick<PaymentInput, 'endToEndId'>, overrides: Partial<OutcomeInput> = {}): OutcomeInput => ({
  endToEndId: payment.endToEndId,
  source: 'med',
  result: 'agreed',
  knownAt: new Date().toISOString(),
  ...overrides,
});

async function post(body: unknown, key = stack.key, url = service.url) {
  const response = await fetch(`${url}/v1/outcomes`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': key },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

test('an agreed outcome counts in the windows of the next payment', async () => {
  const payee = newPayee();
  const payment = await paid(payee);
  expect(await fraudsOf(payee)).toBe(0);
  const answer = await post(said(payment, { situation: 'scam', fraudMarker: 'mule_account', reportId: 'r-1' }));
  expect(answer).toEqual({ status: 200, body: { endToEndId: payment.endToEndId, status: 'recorded', labelled: true } });
  expect(await fraudsOf(payee)).toBe(1);
});

test('the last word counts, in whatever order the words arrive', async () => {
  const payee = newPayee();
  const payment = await paid(payee);
  const at = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString();
  await post(said(payment, { result: 'open', knownAt: at(1) }));
  await post(said(payment, { result: 'agreed', knownAt: at(2) }));
  expect(await fraudsOf(payee)).toBe(1);
  await post(said(payment, { result: 'disagreed', knownAt: at(9) }));
  expect(await fraudsOf(payee)).toBe(0);
  const late = await post(said(payment, { result: 'agreed', source: 'customer', knownAt: at(5) }));
  expect(late.body).toMatchObject({ status: 'recorded', labelled: true });
  expect(await fraudsOf(payee)).toBe(0);
});

test('words that arrive at once, at two processes, leave the label of the last', async () => {
  const other = await stack.ingestion();
  for (const last of ['agreed', 'disagreed'] as const) {
    const payee = newPayee();
    const payment = await paid(payee);
    const words = Array.from({ length: 16 }, (_, n) => {
      const result = n === 15 || n % 2 === 0 ? last : last === 'agreed' ? 'disagreed' : 'agreed';
      return said(payment, { result, knownAt: new Date(Date.now() + n * 60_000).toISOString() });
    });
    const answers = await Promise.all(
      words.map((word, n) => post(word, stack.key, n % 3 === 0 ? other.url : service.url)),
    );
    expect(answers.every(({ body }) => body['labelled'] === true)).toBe(true);
    expect(await fraudsOf(payee)).toBe(last === 'agreed' ? 1 : 0);
  }
});

test('a word that another process records and labels between reading and writing is not lost', async () => {
  const set = compileFeatureSet(PIX);
  const ledger = Ledger.connect({ url: stack.database.url });
  const { redisUrl: url, prefix } = stack;
  const store = await OnlineStore.connect({ url, plan: set.plan, prefix, timeoutMs: 2_000 });
  const payee = newPayee();
  const payment = await paid(payee);
  const later = new Date(Date.now() + 60_000).toISOString();
  let writes = 0;
  const labeller = new Labeller({
    ledger,
    set,
    store: {
      label: async (request) => {
        if (writes++ === 0) await post(said(payment, { result: 'disagreed', knownAt: later }));
        return store.label(request);
      },
    },
    metrics: new IngestionMetrics(new Metrics('test', '0')),
    logger: createLogger({ service: 'test', version: '0', level: 'silent' }),
    retryMs: 1_000,
    now: Date.now,
  });
  await ledger.recordOutcome(outcome.parse(said(payment)), { caller: 'test', recordedAtMs: Date.now() });
  expect(await labeller.label(payment.endToEndId)).toBe(true);
  expect(await fraudsOf(payee)).toBe(0);
  await labeller.close();
  store.close();
  await ledger.close();
});

/** A process of ours that labels, apart from the service. */
async function labelling() {
  const set = compileFeatureSet(PIX);
  const ledger = Ledger.connect({ url: stack.database.url });
  const { redisUrl: url, prefix } = stack;
  const store = await OnlineStore.connect({ url, plan: set.plan, prefix, timeoutMs: 2_000 });
  const metrics = new IngestionMetrics(new Metrics('test', '0'));
  const logger = createLogger({ service: 'test', version: '0', level: 'silent' });
  const labeller = new Labeller({ ledger, set, store, metrics, logger, retryMs: 50, sweepMs: 100, now: Date.now });
  const pending = () => ledger.pendingLabels({ featureSetHash: set.hash, knownFromMs: 0, limit: 1_000 });
  const close = async () => {
    await labeller.close();
    store.close();
    await ledger.close();
  };
  return { ledger, labeller, pending, close };
}

test('a verdict that a process recorded and died before it labelled is found and brought, by any number', async () => {
  const [one, other] = [await labelling(), await labelling()];
  const payees = Array.from({ length: 20 }, newPayee);
  for (const payee of payees) {
    const word = outcome.parse(said(await paid(payee)));
    await one.ledger.recordOutcome(word, { caller: 'test', recordedAtMs: Date.now() });
  }
  expect(await one.pending()).toHaveLength(20);
  one.labeller.start();
  other.labeller.start();
  await waitFor(async () => (await one.pending()).length === 0);
  for (const payee of payees) expect(await fraudsOf(payee)).toBe(1);
  // A later word, recorded elsewhere, is found by the next look.
  const payment = await paid(payees[0]!);
  for (const result of ['agreed', 'disagreed'] as const) {
    await one.ledger.recordOutcome(outcome.parse(said(payment, { result })), { caller: 'x', recordedAtMs: Date.now() });
    await waitFor(async () => (await one.pending()).length === 0);
    expect(await fraudsOf(payees[0]!)).toBe(result === 'agreed' ? 2 : 1);
  }
  await one.close();
  await other.close();
});

test('what the windows were told stands in the ledger, in its place among the payments', async () => {
  const payee = newPayee();
  const [before, payment] = [await paid(payee), await paid(payee)];
  await post(said(payment));
  await post(said(payment));
  const after = await paid(payee);
  const { ledger, close } = await labelling();
  const seen: string[] = [];
  const ours = [before, payment, after].map(({ endToEndId }) => endToEndId);
  for await (const event of ledger.history({ fromUs: 0, toUs: Date.now() * 1_000 + 1_000_000 })) {
    if (ours.includes(event.endToEndId)) seen.push(`${event.kind} ${ours.indexOf(event.endToEndId)}`);
  }
  await close();
  expect(seen).toEqual(['payment 0', 'payment 1', 'label 1', 'payment 2']);
});

test('an outcome said again changes nothing', async () => {
  const payee = newPayee();
  const outcome = said(await paid(payee));
  await post(outcome);
  expect((await post(outcome)).body).toEqual({ endToEndId: outcome.endToEndId, status: 'repeated', labelled: true });
  expect(await fraudsOf(payee)).toBe(1);
});

test('of several, each has its own result, in order', async () => {
  const [payment, other] = [await paid(newPayee()), await paid(newPayee())];
  const unknown = testEndToEndId(404, Date.now());
  const before = new Date(Date.parse(other.acceptedAt) - 1).toISOString();
  const answer = await post({
    outcomes: [
      said(payment, { result: 'open' }),
      said({ endToEndId: unknown }),
      said(payment),
      said(other, { knownAt: before }),
      said(other, { result: 'disagreed', source: 'analyst' }),
    ],
  });
  const problem = (code: string) => expect.objectContaining({ type: `urn:vigia:problem:${code}` });
  expect(answer).toEqual({
    status: 200,
    body: {
      results: [
        { endToEndId: payment.endToEndId, status: 'recorded' },
        { endToEndId: unknown, problem: problem('unknown_payment') },
        { endToEndId: payment.endToEndId, status: 'recorded', labelled: true },
        { endToEndId: other.endToEndId, problem: problem('outcome_before_payment') },
        { endToEndId: other.endToEndId, status: 'recorded', labelled: true },
      ],
    },
  });
});

test('one that is refused is answered by its problem', async () => {
  const payment = await paid(newPayee());
  const unknown = await post(said({ endToEndId: testEndToEndId(405, Date.now()) }));
  const early = await post(said(payment, { knownAt: '2020-01-01T00:00:00.000Z' }));
  const bad = await post({ outcomes: [said(payment), { ...said(payment), result: 'maybe' }] });
  const many = await post({ outcomes: Array.from({ length: 501 }, () => said(payment)) });
  expect([unknown.status, early.status, bad.status, many.status]).toEqual([404, 422, 400, 400]);
  expect(bad.body).toMatchObject({ errors: [{ field: 'outcomes.1.result' }] });
  expect((await post(said(payment), stack.otherKey)).status).toBe(403);
  expect((await post(said(payment), '')).status).toBe(401);
});

test('with the online store away an outcome is recorded, and its label follows by itself', async () => {
  const payee = newPayee();
  const payment = await paid(payee);
  await valkey.kill9();
  const answer = await post(said(payment));
  expect(answer).toEqual({
    status: 200,
    body: { endToEndId: payment.endToEndId, status: 'recorded', labelled: false },
  });
  expect(await metric('labels_waiting')).toBe(1);
  await valkey.restart();
  await waitFor(async () => (await metric('labels_waiting')) === 0, { timeoutMs: 30_000 });
  await waitFor(async () => (await fraudsOf(payee)) === 1, { timeoutMs: 30_000 });
});

test('with the ledger away nothing is recorded, and the caller is told to come again', async () => {
  const apart = await stack.ingestion({ DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing' });
  const payment = { endToEndId: testEndToEndId(1, Date.now()) };
  const [one, several] = [
    await post(said(payment), stack.key, apart.url),
    await post({ outcomes: [said(payment)] }, stack.key, apart.url),
  ];
  expect([one.status, several.status]).toEqual([503, 503]);
  expect(several.body).toMatchObject({ type: 'urn:vigia:problem:dependency_unavailable' });
});

test('outcomes are counted, and how late their labels are', async () => {
  const metrics = await (await fetch(`${service.url}/metrics`)).text();
  expect(metrics).toMatch(/^vigia_outcomes_total\{source="med",result="agreed",outcome="new"/m);
  expect(metrics).toMatch(/^vigia_outcomes_total\{source="med",result="agreed",outcome="repeated"/m);
  expect(await metric('label_lag_seconds_count')).toBeGreaterThan(4);
});

test('the log of all this names no person', () => {
  for (const secret of [cpf(1), cpf(100), cpf(101), stack.key]) expect(service.log().includes(secret)).toBe(false);
});

async function metric(name: string): Promise<number> {
  const metrics = await (await fetch(`${service.url}/metrics`)).text();
  return Number(new RegExp(`^vigia_${name}\\{[^}]*\\} (\\S+)$`, 'm').exec(metrics)?.[1]);
}
