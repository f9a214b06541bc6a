import { Client, Metadata, credentials, loadPackageDefinition, type ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { PROTO_PACKAGE, PROTO_PATH } from '@vigia/contracts';
import { paymentBuilder } from '@vigia/testing';
import { freePort } from './free-port.fixture.js';
import { Lifecycle, probeKeys, startProbe } from './probe-app.fixture.js';
import { faultOfGrpcError } from './problem-filter.js';

type Assess = (
  request: object,
  metadata: Metadata,
  done: (error: ServiceError | null, answer: unknown) => void,
) => void;

let probe: Awaited<ReturnType<typeof startProbe>>;
let client: Client & { assess: Assess };

beforeAll(async () => {
  const port = await freePort();
  probe = await startProbe({ grpc: { protoPath: PROTO_PATH, package: PROTO_PACKAGE, port } });
  const definition = loadPackageDefinition(loadSync(PROTO_PATH, { longs: Number })) as unknown as {
    vigia: { v1: { Scoring: new (address: string, secure: unknown) => Client & { assess: Assess } } };
  };
  client = new definition.vigia.v1.Scoring(`127.0.0.1:${port}`, credentials.createInsecure());
});
afterAll(async () => {
  client.close();
  await probe.close();
});

function assess(request: object, headers: Record<string, string> = { 'x-api-key': probeKeys.full }): Promise<unknown> {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  return new Promise((resolve, reject) =>
    client.assess(request, metadata, (error, answer) => (error === null ? resolve(answer) : reject(error))),
  );
}

const failureOf = (call: Promise<unknown>): Promise<ServiceError> =>
  call.then(
    () => Promise.reject(new Error('the call was answered')),
    (error: ServiceError) => error,
  );

test('a call is validated with the same schema as HTTP, defaults included', async () => {
  const { side, ...rest } = paymentBuilder();
  expect(side).toBe('payer');
  expect(await assess(rest)).toMatchObject({ endToEndId: rest.endToEndId, side: 'payer', warnings: ['full'] });
});

test('a message that does not fit is INVALID_ARGUMENT and carries the problem', async () => {
  const error = await failureOf(assess({ ...paymentBuilder(), amount: '1' }));
  expect(error.code).toBe(3);
  expect(faultOfGrpcError(error)).toMatchObject({
    code: 'invalid_request',
    errors: [{ field: 'amount', message: expect.stringContaining('two decimals') as string }],
  });
});

test('keys, scopes and rates hold as over HTTP', async () => {
  const code = async (headers: Record<string, string>) => (await failureOf(assess(paymentBuilder(), headers))).code;
  expect(await code({})).toBe(16);
  expect(await code({ authorization: `Bearer ${probeKeys.reader}` })).toBe(7);
  await assess(paymentBuilder(), { 'x-api-key': probeKeys.slow });
  const limited = await failureOf(assess(paymentBuilder(), { 'x-api-key': probeKeys.slow }));
  expect(limited.code).toBe(8);
  expect(faultOfGrpcError(limited).retryAfterS).toBeGreaterThan(90);
});

test('a service that is not there is a dependency that does not answer', async () => {
  const gone = new Client(`127.0.0.1:${await freePort()}`, credentials.createInsecure());
  const error = await new Promise((resolve) => gone.waitForReady(Date.now() + 100, resolve));
  gone.close();
  expect(faultOfGrpcError(error)).toMatchObject({ code: 'dependency_unavailable', retryAfterS: 1 });
});

test('calls are counted and nothing stays in flight', async () => {
  const text = await (await fetch(`${probe.url}/metrics`)).text();
  expect(text).toMatch(/vigia_grpc_request_seconds_count\{service="probe",method="assess"\} [1-9]/);
  expect(text).toContain('vigia_requests_in_flight{service="probe"} 0');
  expect(text).toMatch(
    /vigia_problems_total\{code="unauthenticated",kind="caller",transport="grpc",service="probe"\} 1/,
  );
});

test('the parts of an app are started once and ended once, although it listens twice', async () => {
  const port = await freePort();
  const other = await startProbe({ grpc: { protoPath: PROTO_PATH, package: PROTO_PACKAGE, port } });
  const lifecycle = other.app.get(Lifecycle);
  expect(lifecycle).toMatchObject({ started: 1, ended: 0 });
  await Promise.all([other.close(), other.close()]);
  expect(lifecycle).toMatchObject({ started: 1, ended: 1 });
});
