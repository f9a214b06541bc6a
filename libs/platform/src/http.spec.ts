import { probeKeys, startProbe } from './probe-app.fixture.js';
import type { Problem } from './problem.js';

let probe: Awaited<ReturnType<typeof startProbe>>;
beforeAll(async () => {
  probe = await startProbe({ rawBodies: { 'application/xml': 'buffer', 'application/x-ndjson': 'stream' } });
});
afterAll(() => probe.close());

const bearer = { authorization: `Bearer ${probeKeys.full}` };
const get = (path: string, headers: Record<string, string> = bearer) => fetch(probe.url + path, { headers });
type Body = NonNullable<RequestInit['body']>;

const post = (body: Body, headers: Record<string, string> = bearer, path = '/orders') =>
  fetch(probe.url + path, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });
const order = JSON.stringify({ amount: '1.00', item: {} });

async function problemIn(response: Response): Promise<Problem> {
  expect(response.headers.get('content-type')).toContain('application/problem+json');
  const problem = (await response.json()) as Problem;
  expect(problem.status).toBe(response.status);
  return problem;
}

test('a good request is answered with the parsed body, defaults included', async () => {
  const response = await post(order);
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ caller: 'full', body: { amount: '1.00', item: { count: 1 } } });
});

test('a body that does not fit its schema is a problem that names the fields', async () => {
  const problem = await problemIn(await post(JSON.stringify({ amount: 1, item: { count: 'x' }, colour: 'red' })));
  expect(problem).toMatchObject({ type: 'urn:vigia:problem:invalid_request', status: 400 });
  expect(problem.errors!.map(({ field }) => field).sort()).toEqual(['amount', 'colour', 'item.count']);
});

test.each<[string, Body, Record<string, string>, number, string]>([
  ['half JSON', '{"amount":', {}, 400, 'malformed_json'],
  ['no body', '', {}, 400, 'malformed_json'],
  ['deep JSON', '{"a":'.repeat(40) + '1' + '}'.repeat(40), {}, 400, 'malformed_json'],
  ['very deep JSON', '['.repeat(100_000), {}, 400, 'malformed_json'],
  ['invalid UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d]), {}, 400, 'malformed_json'],
  ['a poisoned prototype', '{"__proto__":{"isAdmin":true}}', {}, 400, 'malformed_json'],
  ['JSON null', 'null', {}, 400, 'invalid_request'],
  ['another content type', order, { 'content-type': 'text/plain' }, 415, 'unsupported_media_type'],
  ['a form', 'a=1', { 'content-type': 'application/x-www-form-urlencoded' }, 415, 'unsupported_media_type'],
  ['10 MB', new Uint8Array(10_000_000).fill(32), {}, 413, 'body_too_large'],
])('%s is a problem', async (_, body, headers, status, code) => {
  expect(await problemIn(await post(body, { ...bearer, ...headers }))).toMatchObject({
    type: `urn:vigia:problem:${code}`,
    status,
  });
});

test('10 MB without a content-length are cut off at the limit', async () => {
  const chunks = new ReadableStream({
    start(controller) {
      for (let i = 0; i < 160; i += 1) controller.enqueue(new Uint8Array(65_536).fill(32));
      controller.close();
    },
  });
  const init = {
    method: 'POST',
    body: chunks,
    duplex: 'half',
    headers: { ...bearer, 'content-type': 'application/json' },
  };
  expect((await problemIn(await fetch(`${probe.url}/orders`, init as RequestInit))).status).toBe(413);
});

test('a route that does not exist and a path that is none are problems', async () => {
  expect((await problemIn(await get('/nothing/11144477735'))).detail).not.toContain('11144477735');
  expect((await problemIn(await get('/%zz'))).status).toBe(404);
});

test('keys are taken from either header; none and wrong ones are 401', async () => {
  expect((await post(order, { 'x-api-key': probeKeys.full })).status).toBe(200);
  const refused = await post(order, {});
  expect(refused.headers.get('www-authenticate')).toBe('Bearer');
  expect((await problemIn(refused)).type).toBe('urn:vigia:problem:unauthenticated');
  expect((await problemIn(await post(order, { authorization: 'Bearer vg_nope' }))).status).toBe(401);
  expect((await problemIn(await post(order, { authorization: 'Basic dTpw' }))).status).toBe(401);
});

test('a key without the scope is 403', async () => {
  const problem = await problemIn(await post(order, { 'x-api-key': probeKeys.reader }));
  expect(problem).toMatchObject({ status: 403, type: 'urn:vigia:problem:forbidden' });
  expect(problem.detail).toContain('assess');
});

test('a key beyond its rate is 429 with a time to wait', async () => {
  expect((await post(order, { 'x-api-key': probeKeys.slow })).status).toBe(200);
  const refused = await post(order, { 'x-api-key': probeKeys.slow });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(90);
  expect((await problemIn(refused)).type).toBe('urn:vigia:problem:rate_limited');
});

test('a fault of the weather is 503 with its time to wait, and is logged as a warning', async () => {
  const response = await get('/orders/fault');
  expect(response.headers.get('retry-after')).toBe('3');
  expect(await problemIn(response)).toMatchObject({ status: 503, detail: 'The ledger is away.' });
  expect(probe.lines.map((line) => JSON.parse(line) as object)).toContainEqual(
    expect.objectContaining({ level: 'warn', code: 'dependency_unavailable', route: '/orders/fault' }),
  );
});

test('an unexpected error shows nothing of itself and is found in the log by its instance', async () => {
  const problem = await problemIn(await get('/orders/crash'));
  expect(JSON.stringify(problem)).not.toContain('SECRET');
  const requestId = problem.instance!.replace('urn:uuid:', '');
  const line = probe.lines.find((text) => text.includes(requestId) && text.includes('"level":"error"'));
  expect(JSON.parse(line!)).toMatchObject({ code: 'internal', err: { message: 'password=SECRET' } });
});

test('a handler without a scope is closed', async () => {
  expect((await problemIn(await get('/orders/unscoped'))).status).toBe(500);
});

test('content types that the app asked for arrive as they are, others are refused', async () => {
  const raw = async (type: string, bytes: number) => {
    const response = await post(new Uint8Array(bytes), { ...bearer, 'content-type': type }, '/orders/raw');
    return [response.status, response.status === 200 ? await response.json() : undefined];
  };
  expect(await raw('application/xml; charset=utf-8', 1_000)).toEqual([200, { form: 'buffer', bytes: 1_000 }]);
  expect(await raw('application/x-ndjson', 1_000_000)).toEqual([200, { form: 'stream', bytes: 1_000_000 }]);
  expect((await raw('application/xml', 1_000_000))[0]).toBe(413);
});

test('health needs no key', async () => {
  expect(await (await get('/health/live', {})).json()).toEqual({ status: 'live' });
  expect(await (await get('/health/ready', {})).json()).toEqual({ status: 'ready', failing: [] });
});

test('metrics count requests by route and problems by code', async () => {
  await get('/orders/fault');
  const text = await (await get('/metrics', {})).text();
  expect(text).toMatch(
    /vigia_problems_total\{code="dependency_unavailable",kind="weather",transport="http",service="probe"\} \d/,
  );
  expect(text).toMatch(
    /vigia_http_request_seconds_count\{service="probe",method="GET",route="\/orders\/fault",status="503"\} \d/,
  );
  expect(text).toContain('vigia_build_info{version="1.2.3",service="probe"} 1');
  expect(text).toContain('vigia_process_cpu_seconds_total');
  expect(text).not.toContain('/nothing');
});

test('the API description shows the zod schemas, its page and files are there', async () => {
  const description = (await (await get('/docs-json', {})).json()) as {
    components: { schemas: Record<string, object> };
    paths: Record<string, Record<string, { responses: object }>>;
  };
  expect(description.components.schemas['Order']).toMatchObject({ additionalProperties: false });
  expect(description.paths['/orders']!['post']!.responses).toHaveProperty('default');
  for (const path of ['/docs', '/docs/swagger-ui.css', '/docs/swagger-ui-bundle.js']) {
    expect((await get(path, {})).status).toBe(200);
  }
});
