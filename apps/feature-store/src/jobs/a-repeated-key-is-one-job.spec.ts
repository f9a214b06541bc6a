import type { Service } from '@vigia/platform';
import { Site, ask } from '../site.fixture.js';

jest.setTimeout(60_000);

const BODY = { featureSet: 'pix', from: '2026-01-20T00:00:00.000Z', to: '2026-01-21T00:00:00.000Z' };

let site: Site;
let service: Service;

beforeAll(async () => {
  site = await Site.open();
  service = await site.start();
});
afterAll(() => site?.close());

const audit = (body: object, headers: Record<string, string> = {}) =>
  ask(`${service.url}/v1/audits`, site.keys.admin, { body, headers });

test('the same Idempotency-Key answers the same job, another or none a new one', async () => {
  const key = { 'idempotency-key': 'pix_audit-2026-01-21' };
  const first = await audit(BODY, key);
  expect(first).toMatchObject({ status: 202, body: { id: expect.stringMatching(/^key-/) as unknown } });
  expect((await audit(BODY, key)).body['id']).toBe(first.body['id']);
  expect((await audit(BODY, { 'idempotency-key': 'another' })).body['id']).not.toBe(first.body['id']);
  expect((await audit(BODY)).body['id']).toMatch(/^[0-9]+$/);
});

test('the same key with another body is refused', async () => {
  const key = { 'idempotency-key': 'one' };
  await audit(BODY, key);
  const answer = await audit({ ...BODY, to: '2026-01-20T12:00:00.000Z' }, key);
  expect(answer).toMatchObject({ status: 409, body: { type: 'urn:vigia:problem:idempotency_key_reused' } });
});

test('a key that does not fit is named', async () => {
  const answer = await audit(BODY, { 'idempotency-key': 'with blanks' });
  expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'Idempotency-Key' }] } });
});
