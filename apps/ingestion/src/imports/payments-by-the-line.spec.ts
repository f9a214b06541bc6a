import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { request, type IncomingMessage } from 'node:http';
import type { PaymentInput } from '@vigia/contracts';
import { cpf, paymentBuilder, testEndToEndId, waitFor, type DeepPartial } from '@vigia/testing';
import { Stack, spawnApp, type Running } from '../stack.fixture.js';
import { importFile } from './import-file.js';
import type { ImportAnswer } from './import.service.js';

jest.setTimeout(120_000);

let stack: Stack;
let service: Running;

beforeAll(async () => {
  stack = await Stack.start();
  service = await stack.ingestion({ BODY_LIMIT_BYTES: '4000', IMPORT_ATTEMPTS: '2', IMPORT_CONCURRENCY: '8' });
});
afterAll(() => stack?.stop());

const order = (overrides: DeepPartial<PaymentInput> = {}): PaymentInput =>
  paymentBuilder({ acceptedAt: new Date().toISOString(), amount: '10.00', ...overrides });

const written = (...payments: PaymentInput[]): string => payments.map((each) => `${JSON.stringify(each)}\n`).join('');

const answersIn = (text: string): ImportAnswer[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as ImportAnswer);

function post(body: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${service.url}/v1/imports`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-ndjson', 'x-api-key': stack.key, ...headers },
    body,
  });
}

test('each line is answered in order, bad ones by their problem, last the summary', async () => {
  const payments = Array.from({ length: 100 }, (_, n) => order({ payer: { taxId: cpf(n) } }));
  const old = order({
    acceptedAt: '2020-01-01T12:00:00.000Z',
    endToEndId: testEndToEndId(1, Date.UTC(2020, 0, 1, 12)),
  });
  const bad = [
    '{"endToEndId":',
    JSON.stringify({ ...order(), amount: 950 }),
    '   ',
    `"${'x'.repeat(5_000)}"`,
    JSON.stringify(old),
    `${JSON.stringify(order())}\r`,
  ];
  const response = await post(`${written(...payments)}${bad.join('\n')}`);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/x-ndjson']);
  const answers = answersIn(await response.text());
  expect(answers.slice(0, 100)).toEqual(
    payments.map(({ endToEndId }, index) => ({ line: index + 1, endToEndId, decision: 'approve' })),
  );
  const problem = (code: string) => expect.objectContaining({ type: `urn:vigia:problem:${code}` });
  expect(answers.slice(100)).toEqual([
    { line: 101, problem: problem('malformed_json') },
    { line: 102, problem: problem('invalid_request') },
    { line: 104, problem: problem('body_too_large') },
    { line: 105, endToEndId: old.endToEndId, problem: problem('clock_skew') },
    { line: 106, endToEndId: expect.any(String), decision: 'approve' },
    { summary: { lines: 105, assessed: 101, refused: 4, approve: 101, review: 0, reject: 0 } },
  ]);
});

test('a file sent twice gets the first answers and counts once', async () => {
  const payments = Array.from({ length: 5 }, () => order({ payee: { taxId: cpf(70), key: cpf(70) } }));
  const [first, second] = [
    await (await post(written(...payments))).text(),
    await (await post(written(...payments))).text(),
  ];
  expect(second).toBe(first);
  const next = order({ payee: { taxId: cpf(70), key: cpf(70) } });
  await post(written(next));
  expect((await stack.assessment(next.endToEndId)).vector).toMatchObject({ payee_count_1d: 6 });
});

test('an answer comes while the body is still being sent', async () => {
  const headers = { 'content-type': 'application/x-ndjson', 'x-api-key': stack.key };
  const sending = request(`${service.url}/v1/imports`, { method: 'POST', headers });
  const payment = order();
  sending.write(written(payment));
  const [response] = (await once(sending, 'response')) as [IncomingMessage];
  const [first] = (await once(response, 'data')) as [Buffer];
  expect(answersIn(first.toString())).toEqual([{ line: 1, endToEndId: payment.endToEndId, decision: 'approve' }]);
  sending.end(written(order()));
  const rest = (await response.setEncoding('utf8').toArray()).join('');
  expect(answersIn(rest).at(-1)).toMatchObject({ summary: { lines: 2, assessed: 2 } });
});

test('a sender that goes away in the middle leaves the service as it was', async () => {
  const headers = { 'content-type': 'application/x-ndjson', 'x-api-key': stack.key };
  const sending = request(`${service.url}/v1/imports`, { method: 'POST', headers });
  sending.write(written(order()));
  const [response] = (await once(sending, 'response')) as [IncomingMessage];
  response.on('error', () => undefined);
  sending.destroy();
  expect((await post(written(order()))).status).toBe(200);
});

test('another content type, no key, a key without the scope', async () => {
  const answers = await Promise.all([
    post('{}', { 'content-type': 'application/json' }),
    post('<a/>', { 'content-type': 'application/xml' }),
    post('', { 'x-api-key': '' }),
    post('', { 'x-api-key': stack.otherKey }),
  ]);
  expect(answers.map(({ status }) => status)).toEqual([415, 415, 401, 403]);
});

test('an interrupted import of a file goes on behind the last answer', async () => {
  const file = stack.path('interrupted.ndjson');
  const payments = Array.from({ length: 40 }, () => order());
  writeFileSync(file, written(...payments));
  const options = { file, url: service.url, key: stack.key };
  const interrupted = importFile({
    ...options,
    onAnswer: ({ line }) => {
      if (line === 10) throw new Error('interrupted');
    },
  });
  await expect(interrupted).rejects.toThrow('interrupted');
  expect(readFileSync(`${file}.progress`, 'utf8')).toBe('10\n');
  const answers: unknown[] = [];
  const summary = await importFile({ ...options, onAnswer: (answer) => answers.push(answer) });
  expect(answers).toEqual(
    payments.slice(10).map(({ endToEndId }, index) => ({ line: index + 11, endToEndId, decision: 'approve' })),
  );
  expect(summary).toMatchObject({ lines: 30, assessed: 30 });
  expect(existsSync(`${file}.progress`)).toBe(false);
});

test('a file larger than all buffers is read as fast as it is answered', async () => {
  const file = stack.path('large.ndjson');
  // Refused without scoring, so that the lines are many and the test is short.
  writeFileSync(file, `${'{"no":"payment"}\n'.repeat(20_000)}${written(order())}`);
  let lines = 0;
  const summary = await importFile({ file, url: service.url, key: stack.key, onAnswer: () => (lines += 1) });
  expect([lines, summary.refused, summary.assessed]).toEqual([20_001, 20_000, 1]);
});

test('a wrong key ends the import of a file by what the service says', async () => {
  const file = stack.path('refused.ndjson');
  writeFileSync(file, written(order()));
  const refused = importFile({ file, url: service.url, key: stack.otherKey, onAnswer: () => undefined });
  await expect(refused).rejects.toThrow('The API key lacks the scope');
});

test('the command stops at the first line that scoring can’t decide, and run again it ends the file', async () => {
  const file = stack.path('command.ndjson');
  const payments = Array.from({ length: 20 }, () => order());
  writeFileSync(file, `{}\n{}\n{}\n${written(...payments)}`);
  const args = [file, '--url', service.url, '--key', stack.key];
  await stack.stopScoring();
  const stopped = await command(args);
  expect(stopped.code).toBe(1);
  expect(stopped.answers.map(({ line }) => line)).toEqual([1, 2, 3]);
  expect(stopped.errors).toContain('"stopped":{"line":4,"problem":{"type":"urn:vigia:problem:dependency_unavailable"');
  expect(readFileSync(`${file}.progress`, 'utf8')).toBe('3\n');
  await stack.startScoring();
  // The channel to scoring may still pause after its failures: the command then stops again, and loses nothing.
  const answers: CommandEnd['answers'] = [];
  await waitFor(
    async () => {
      const run = await command(args);
      answers.push(...run.answers);
      return run.code === 0;
    },
    { timeoutMs: 30_000 },
  );
  expect(answers.map(({ endToEndId }) => endToEndId)).toEqual(payments.map(({ endToEndId }) => endToEndId));
  const again = await command([...args, '--from-line', '22']);
  expect(again.answers).toEqual(answers.slice(18));
});

test('the log of all this names no person', () => {
  for (const secret of [cpf(1), cpf(2), cpf(70), '1000001', stack.key])
    expect(service.log().includes(secret)).toBe(false);
});

interface CommandEnd {
  code: number | null;
  answers: { line: number; endToEndId?: string }[];
  errors: string;
}

async function command(args: string[]): Promise<CommandEnd> {
  const child = spawnApp('apps/ingestion/src/import.ts', args);
  let [output, errors] = ['', ''];
  child.stdout!.on('data', (bytes: Buffer) => (output += bytes.toString()));
  child.stderr!.on('data', (bytes: Buffer) => (errors += bytes.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, answers: output === '' ? [] : (answersIn(output) as CommandEnd['answers']), errors };
}
