import { createServer, type AddressInfo } from 'node:net';
import type { Assessment } from '@vigia/contracts';
import type { ShadowedPayment } from '@vigia/ledger';
import type { Service } from '@vigia/platform';
import { PolicyEngine, policySettings, versionOf, type PolicySettingsInput } from '@vigia/policy';
import { cpf, paymentBuilder, waitFor } from '@vigia/testing';
import { Site } from './site.fixture.js';

jest.setTimeout(300_000);

const PATIENCE = { timeoutMs: 120_000 };
const person = { by: 'Ana', reason: 'a test', caller: 'console' };
const POLL = { POLICY_POLL_SECONDS: '0.05', LOG_LEVEL: 'fatal' };

let site: Site;
let file: PolicyEngine;
beforeEach(async () => {
  site = await Site.open();
  file = await PolicyEngine.load();
});
afterEach(() => site.close());

async function draft(settings: PolicySettingsInput): Promise<string> {
  const content = { graph: file.document.graph, settings: policySettings.parse(settings) };
  const version = versionOf(content);
  await site.ledger.policies.keep({ policy: 'pix', version, ...content, origin: 'draft', ...person });
  return version;
}

const publish = (to: string) =>
  site.ledger.policies.change({ policy: 'pix', kind: 'publish', to, override: true, ...person });
const shadow = (to: string | null) =>
  site.ledger.policies.change({ policy: 'pix', kind: 'shadow', to, override: false, ...person });

let sent = 0;
async function assess({ url }: Service, amount = '150.00'): Promise<Assessment> {
  const payment = paymentBuilder({ acceptedAt: new Date().toISOString(), amount, payer: { taxId: cpf(++sent % 500) } });
  const headers = { 'content-type': 'application/json', 'x-api-key': site.keys.full };
  const response = await fetch(`${url}/v1/assessments`, { method: 'POST', headers, body: JSON.stringify(payment) });
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
  return (await response.json()) as Assessment;
}

const decidesBy = (service: Service, version: string): Promise<void> =>
  waitFor(async () => (await assess(service)).policy.version === version, PATIENCE);

async function metric({ url }: Service, name: string): Promise<string[]> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return text.split('\n').filter((line) => line.startsWith(`vigia_${name}{`));
}

test('a policy is published 10 times under 32 clients: no error, and each answer is of the version that it names', async () => {
  const [strict, lenient] = [
    await draft({ requestOnlyReviewCents: 1 }),
    await draft({ requestOnlyReviewCents: 1_000_000 }),
  ];
  const service = await site.startHere(POLL);
  const answers: Assessment[] = [];
  let isPublishing = true;
  const errors: unknown[] = [];
  const clients = Array.from({ length: 32 }, async () => {
    while (isPublishing) answers.push(await assess(service));
  });
  for (const client of clients) client.catch((error: unknown) => errors.push(error));
  for (let round = 0; round < 10 && errors.length === 0; round++) {
    const version = round % 2 === 0 ? strict : lenient;
    await publish(version);
    await waitFor(() => errors.length > 0 || answers.at(-1)?.policy.version === version, PATIENCE);
  }
  isPublishing = false;
  await Promise.allSettled(clients);
  expect(errors).toEqual([]);
  expect(new Set(answers.map(({ policy }) => policy.version))).toEqual(new Set([file.version, strict, lenient]));
  const wrong = answers.filter(
    ({ policy, decision }) => decision !== (policy.version === strict ? 'review' : 'approve'),
  );
  expect(wrong).toEqual([]);
  expect(answers.filter(({ degraded }) => degraded.includes('policy'))).toEqual([]);
  const rows = await site.ledger.assessments(answers.map(({ endToEndId }) => endToEndId));
  expect(answers.map(({ endToEndId }) => rows.get(endToEndId)?.policy)).toEqual(answers.map(({ policy }) => policy));
});

test('a version that cannot be used is refused once, and what decided goes on', async () => {
  const good = await draft({ requestOnlyReviewCents: 1 });
  const other = { policy: 'pix', version: 'badbadbadbad', graph: file.document.graph, settings: {} };
  await site.ledger.policies.keep({ ...other, origin: 'draft', ...person });
  await publish(good);
  const service = await site.startHere(POLL);
  expect(await assess(service)).toMatchObject({ policy: { name: 'pix', version: good } });
  const refusals = (live: number): string[] => [
    `vigia_policy_refusals_total{role="live",service="scoring"} ${live}`,
    'vigia_policy_refusals_total{role="shadow",service="scoring"} 0',
  ];
  expect(await metric(service, 'policy_refusals_total')).toEqual(refusals(0));
  await publish(other.version);
  await waitFor(async () => (await metric(service, 'policy_refusals_total')).join() === refusals(1).join(), PATIENCE);
  expect(await assess(service)).toMatchObject({ decision: 'review', policy: { version: good } });
  expect(await metric(service, 'policy_refusals_total')).toEqual(refusals(1));
  await publish(await draft({ requestOnlyReviewCents: 2 }));
  await decidesBy(service, await draft({ requestOnlyReviewCents: 2 }));
});

test('the ledger is away at the start: the last good policy decides; without one, the file', async () => {
  const away = { DATABASE_URL: 'postgres://nobody@127.0.0.1:9/none', DATABASE_TIMEOUT_MS: '500' };
  const bare = await site.startHere(away);
  expect(await assess(bare)).toMatchObject({ policy: { version: file.version } });
  await bare.close();
  const version = await draft({ requestOnlyReviewCents: 1 });
  await publish(version);
  await (await site.startHere(POLL)).close();
  const service = await site.startHere(away);
  expect(await assess(service)).toMatchObject({ decision: 'review', policy: { version } });
  await service.close();
});

test('PostgreSQL takes connections and says nothing: the start waits some seconds, then the last good policy decides', async () => {
  const version = await draft({ requestOnlyReviewCents: 1 });
  await publish(version);
  await (await site.startHere(POLL)).close();
  const silent = createServer(() => undefined);
  await new Promise<void>((settle) => silent.listen(0, '127.0.0.1', settle));
  const { port } = silent.address() as AddressInfo;
  const service = await site.startHere({
    DATABASE_URL: `postgres://nobody@127.0.0.1:${port}/none`,
    LOG_LEVEL: 'fatal',
  });
  expect((await metric(service, 'policy_info')).join()).toContain(version);
  await service.close();
  silent.close();
});

test('POLICY_FROM=file decides by the file alone, and the ledger has the content of its version', async () => {
  await publish(await draft({ requestOnlyReviewCents: 1 }));
  const service = await site.startHere({ ...POLL, POLICY_FROM: 'file', POLICY_SETTINGS: '{"nightLimitCents": 50000}' });
  const { decision, policy } = await assess(service);
  expect(decision).toBe('approve');
  await waitFor(async () => (await site.ledger.policies.version('pix', policy.version)) !== null, PATIENCE);
  const kept = await site.ledger.policies.version('pix', policy.version);
  expect(kept).toMatchObject({ origin: 'file', by: 'scoring', settings: { nightLimitCents: 50_000 } });
  await service.close();
});

test('the policy in shadow decides every payment after its answer, on record beside what was decided', async () => {
  const version = await draft({ requestOnlyReviewCents: 10_000 });
  await shadow(version);
  const service = await site.startHere(POLL);
  await waitFor(async () => (await metric(service, 'policy_info')).some((line) => line.includes(version)), PATIENCE);
  const fromMs = Date.now();
  await Promise.all(['99.99', '100.01', '1000.00'].map((amount) => assess(service, amount)));
  const payments = async (): Promise<ShadowedPayment[]> => {
    const found: ShadowedPayment[] = [];
    const range = { policy: 'pix', version, fromMs, toMs: Date.now() + 60_000, limit: 100 };
    for await (const chunk of site.ledger.policies.shadowed(range)) found.push(...chunk);
    return found.sort((a, b) => a.traits.amountCents - b.traits.amountCents);
  };
  await waitFor(async () => (await payments()).length === 3, PATIENCE);
  expect((await payments()).map(({ decidedBy, decision, shadow: other }) => [decidedBy, decision, other])).toEqual([
    [file.version, 'approve', 'approve'],
    [file.version, 'approve', 'review'],
    [file.version, 'approve', 'review'],
  ]);
  await shadow(null);
  await waitFor(async () => !(await metric(service, 'policy_info')).some((line) => line.includes(version)), PATIENCE);
  await service.close();
});
