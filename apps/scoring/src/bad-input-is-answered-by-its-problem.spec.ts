import type { Assessment, FaultCode, PaymentInput } from '@vigia/contracts';
import type { Problem, Service } from '@vigia/platform';
import { TEST_ISPB, cpf, paymentBuilder, testEndToEndId, type DeepPartial } from '@vigia/testing';
import { Site } from './site.fixture.js';

jest.setTimeout(60_000);

let site: Site;
let service: Service;
beforeAll(async () => {
  site = await Site.open();
  service = await site.startHere();
});
afterAll(() => site.close());

const HOUR_MS = 3_600_000;
const built = (overrides: DeepPartial<PaymentInput> = {}) =>
  paymentBuilder({ acceptedAt: new Date().toISOString(), ...overrides });
/** A payment that says it was accepted that many hours from now, its EndToEndId too. */
const hoursFromNow = (hours: number) => built({ acceptedAt: new Date(Date.now() + hours * HOUR_MS).toISOString() });
/** An EndToEndId that no clock could have made. */
const idOfMinute = (minute: string) => `E${TEST_ISPB}${minute}00000bad001`;

type Headers = Record<string, string>;
type Body = NonNullable<RequestInit['body']>;

function post(body: Body, headers: Headers = {}, path = ''): Promise<Response> {
  const all = { 'content-type': 'application/json', 'x-api-key': site.keys.full, ...headers };
  return fetch(`${service.url}/v1/assessments${path}`, { method: 'POST', body, headers: all });
}

async function assessed(payment: PaymentInput): Promise<Assessment> {
  const response = await post(JSON.stringify(payment));
  expect(response.status).toBe(200);
  return (await response.json()) as Assessment;
}

/** The request is answered by this problem, about this field alone. */
async function expectProblem(response: Response, status: number, code: FaultCode, field?: string): Promise<Problem> {
  expect(response.headers.get('content-type')).toContain('application/problem+json');
  const problem = (await response.json()) as Problem;
  expect(problem).toMatchObject({ type: `urn:vigia:problem:${code}`, status });
  expect(response.status).toBe(status);
  expect(problem.detail.length).toBeGreaterThan(20);
  expect([...new Set(problem.errors?.map((error) => error.field))]).toEqual(field === undefined ? [] : [field]);
  return problem;
}

async function problemsCounted(code: FaultCode): Promise<number> {
  const text = await (await fetch(`${service.url}/metrics`)).text();
  const line = new RegExp(`^vigia_problems_total\\{code="${code}",[^}]*transport="http"[^}]*\\} (\\d+)$`, 'm');
  return Number(line.exec(text)?.[1] ?? 0);
}

const without = (path: string) => {
  const payment = built() as unknown as Record<string, unknown>;
  const names = path.split('.');
  const last = names.pop()!;
  const owner = names.reduce((part, name) => part[name] as Record<string, unknown>, payment);
  delete owner[last];
  return payment;
};
const withField = (field: object) => ({ ...built(), ...field });
const inPayer = (field: object) => withField({ payer: { ...built().payer, ...field } });

test.each<[string, () => object, string]>([
  ...[
    'endToEndId',
    'amount',
    'acceptedAt',
    'initiationForm',
    'payer',
    'payee',
    'payer.taxId',
    'payee.account.type',
  ].map((path): [string, () => object, string] => [`no ${path}`, () => without(path), path]),
  ['a field that is not known', () => withField({ colour: 'red' }), 'colour'],
  ['a field that is not known, within', () => inPayer({ colour: 'red' }), 'payer.colour'],
  ['a wrong initiation form', () => withField({ initiationForm: 'PIGEON' }), 'initiationForm'],
  ['a wrong side', () => withField({ side: 'left' }), 'side'],
  ['a wrong account type', () => inPayer({ account: { number: '1', type: 'XXXX' } }), 'payer.account.type'],
  ['an amount of zero', () => withField({ amount: '0.00' }), 'amount'],
  ['a negative amount', () => withField({ amount: '-1.00' }), 'amount'],
  ['three decimals', () => withField({ amount: '1.000' }), 'amount'],
  ['one decimal', () => withField({ amount: '1.5' }), 'amount'],
  ['a comma', () => withField({ amount: '1,00' }), 'amount'],
  ['an amount of 17 digits before the point', () => withField({ amount: '12345678901234567.00' }), 'amount'],
  ['an amount above what is kept to the cent', () => withField({ amount: '9007199254740991.00' }), 'amount'],
  ['an amount as a number', () => withField({ amount: 950 }), 'amount'],
  ['an amount in exponents', () => withField({ amount: '1e3' }), 'amount'],
  ['a CPF with punctuation', () => inPayer({ taxId: '111.444.777-35' }), 'payer.taxId'],
  ['a CPF of 12 digits', () => inPayer({ taxId: '111444777350' }), 'payer.taxId'],
  ['a name of 141 characters', () => inPayer({ name: 'x'.repeat(141) }), 'payer.name'],
  ['an instant with an offset', () => withField({ acceptedAt: '2026-11-20T20:15:03.900-03:00' }), 'acceptedAt'],
  ['an instant without milliseconds', () => withField({ acceptedAt: '2026-11-20T23:15:03Z' }), 'acceptedAt'],
  ['an EndToEndId of 31 characters', () => withField({ endToEndId: built().endToEndId.slice(0, 31) }), 'endToEndId'],
  ['an empty device id', () => withField({ device: { id: '' } }), 'device.id'],
  ['a negative counter', () => withField({ session: { failedAuthentications: -1 } }), 'session.failedAuthentications'],
])('%s: 400 invalid_request on the field', async (_, body, field) => {
  const before = await problemsCounted('invalid_request');
  await expectProblem(await post(JSON.stringify(body())), 400, 'invalid_request', field);
  expect(await problemsCounted('invalid_request')).toBe(before + 1);
});

test.each<[string, () => PaymentInput, FaultCode, string]>([
  [
    'of another day',
    () => built({ endToEndId: idOfMinute('202401010000') }),
    'end_to_end_id_of_another_day',
    'endToEndId',
  ],
  [
    'of a month 13',
    () => built({ endToEndId: idOfMinute('202613010000') }),
    'end_to_end_id_of_another_day',
    'endToEndId',
  ],
  [
    'of 13 hours before acceptedAt',
    () => built({ endToEndId: testEndToEndId(1, Date.now() - 13 * HOUR_MS) }),
    'end_to_end_id_of_another_day',
    'endToEndId',
  ],
  ['of 13 hours ago, with its payment', () => hoursFromNow(-13), 'clock_skew', 'acceptedAt'],
  ['of 13 hours ahead, with its payment', () => hoursFromNow(13), 'clock_skew', 'acceptedAt'],
])('an EndToEndId %s: 422', async (_, payment, code, field) => {
  const before = await problemsCounted(code);
  const refused = payment();
  await expectProblem(await post(JSON.stringify(refused)), 422, code, field);
  expect(await problemsCounted(code)).toBe(before + 1);
  expect(await site.rowsOf(refused.endToEndId)).toBe(0);
});

test.each<[string, Body, Headers, number, FaultCode]>([
  ['no body', '', {}, 400, 'malformed_json'],
  ['half a payment', JSON.stringify(paymentBuilder()).slice(0, 100), {}, 400, 'malformed_json'],
  ['JSON 40,000 levels deep', '{"a":'.repeat(40_000), {}, 400, 'malformed_json'],
  ['invalid UTF-8', new Uint8Array([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x7d]), {}, 400, 'malformed_json'],
  ['a poisoned prototype', '{"__proto__":{"amount":"1.00"}}', {}, 400, 'malformed_json'],
  ['10 MB', new Uint8Array(10_000_000).fill(32), {}, 413, 'body_too_large'],
  ['text', 'pay 950 reais', { 'content-type': 'text/plain' }, 415, 'unsupported_media_type'],
])('%s: its problem, counted', async (_, body, headers, status, code) => {
  const before = await problemsCounted(code);
  await expectProblem(await post(body, headers), status, code);
  expect(await problemsCounted(code)).toBe(before + 1);
});

test('neither a list nor null is a payment', async () => {
  for (const body of ['[]', 'null', '"text"', '1']) {
    await expectProblem(await post(body), 400, 'invalid_request', '');
  }
});

test('who has no key, an unknown one, or one without the scope is not let in', async () => {
  const body = JSON.stringify(built());
  const unknown = await post(body, { 'x-api-key': `vg_${'A'.repeat(43)}` });
  expect(unknown.headers.get('www-authenticate')).toBe('Bearer');
  await expectProblem(unknown, 401, 'unauthenticated');
  await expectProblem(await post(body, { 'x-api-key': '' }), 401, 'unauthenticated');
  await expectProblem(await post(body, { 'x-api-key': site.keys.reader }), 403, 'forbidden');
  const read = await fetch(`${service.url}/v1/assessments/x`, { headers: { 'x-api-key': site.keys.slow } });
  await expectProblem(read, 403, 'forbidden');
});

test('a key that sends more than its rate is told when to come back', async () => {
  const slowly = () => post(JSON.stringify(built()), { 'x-api-key': site.keys.slow });
  expect((await slowly()).status).toBe(200);
  const response = await slowly();
  expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
  await expectProblem(response, 429, 'rate_limited');
});

test('the same EndToEndId with other content is a conflict, and the first answer stands', async () => {
  const payment = built();
  const first = await assessed(payment);
  const before = await problemsCounted('conflicting_content');
  const others = [
    { ...payment, amount: '950.01' },
    { ...payment, payee: { ...payment.payee, taxId: cpf(77) } },
    { ...payment, side: 'payee' },
    { ...payment, device: { id: 'another' } },
  ];
  for (const other of others) {
    await expectProblem(await post(JSON.stringify(other)), 409, 'conflicting_content', 'endToEndId');
  }
  expect(await problemsCounted('conflicting_content')).toBe(before + others.length);
  expect(await assessed(payment)).toEqual(first);
  expect(await site.rowsOf(payment.endToEndId)).toBe(1);
});

test('wrong check digits are no reason to refuse: the answer warns of them', async () => {
  const wrong = `${cpf(1).slice(0, 10)}${(Number(cpf(1)[10]) + 1) % 10}`;
  expect((await assessed(built({ payer: { taxId: wrong } }))).warnings).toEqual(['payer_tax_id_check_digits']);
  expect((await assessed(built({ payee: { taxId: wrong } }))).warnings).toEqual(['payee_tax_id_check_digits']);
  expect((await assessed(built())).warnings).toEqual([]);
});

test('within a batch each payment has its own answer', async () => {
  const [good, conflicting] = [built(), built()];
  await assessed(conflicting);
  const payments = [good, { ...conflicting, amount: '1.00' }, hoursFromNow(-13)];
  const response = await post(JSON.stringify({ payments }), {}, '/batch');
  expect(response.status).toBe(200);
  expect(await response.json()).toMatchObject({
    results: [
      { assessment: { endToEndId: good.endToEndId } },
      { endToEndId: conflicting.endToEndId, problem: { type: 'urn:vigia:problem:conflicting_content' } },
      { endToEndId: payments[2]!.endToEndId, problem: { type: 'urn:vigia:problem:clock_skew' } },
    ],
  });
  const tooMany = JSON.stringify({ payments: Array.from({ length: 101 }, () => built()) });
  await expectProblem(await post(tooMany, {}, '/batch'), 400, 'invalid_request', 'payments');
});

test('an EndToEndId that was never assessed, and a question that is none', async () => {
  const headers = { 'x-api-key': site.keys.full };
  const read = (rest: string) => fetch(`${service.url}/v1/assessments/${rest}`, { headers });
  await expectProblem(await read(built().endToEndId), 404, 'not_found');
  const { endToEndId } = await assessed(built());
  await expectProblem(await read(`${endToEndId}?include=secrets`), 400, 'invalid_request', 'include');
});

test('after all of this the service is ready and answers', async () => {
  expect((await fetch(`${service.url}/health/ready`)).status).toBe(200);
  expect((await assessed(built())).degraded).toEqual(['model']);
  expect(await problemsCounted('internal')).toBe(0);
});
