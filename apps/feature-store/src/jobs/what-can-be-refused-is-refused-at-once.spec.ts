import type { Service } from '@vigia/platform';
import { Site, ask } from '../site.fixture.js';

jest.setTimeout(60_000);

const RANGE = { featureSet: 'pix', from: '2026-01-20T00:00:00.000Z', to: '2026-01-21T00:00:00.000Z' };
const REQUEST = { ...RANGE, labelCutOff: '2026-01-28T00:00:00.000Z' };
const FUTURE = '2999-01-01T00:00:00.000Z';

let site: Site;
let service: Service;

beforeAll(async () => {
  site = await Site.open();
  service = await site.start();
});
afterAll(() => site?.close());

test.each([
  ['training-sets', { ...REQUEST, featureSet: 'card' }, 'featureSet', 'must be pix'],
  ['training-sets', { ...REQUEST, featureSet: 'handbook' }, 'featureSet', 'must be pix'],
  ['training-sets', { ...REQUEST, to: REQUEST.from }, 'to', 'the range is empty'],
  ['training-sets', { ...REQUEST, labelCutOff: FUTURE }, 'labelCutOff', 'must not be in the future'],
  ['training-sets', { ...REQUEST, to: FUTURE }, 'to', 'must not be in the future'],
  ['training-sets', { ...REQUEST, genuineShare: 0 }, 'genuineShare', '>0'],
  ['training-sets', { ...REQUEST, rows: 5 }, 'rows', 'is not known here'],
  ['training-sets', { ...REQUEST, from: '20 November' }, 'from', 'UTC instant'],
  ['backfills', { featureSet: 'card' }, 'featureSet', 'must be pix'],
  ['backfills', { featureSet: 'pix', paymentsPerSecond: 0 }, 'paymentsPerSecond', '>0'],
  ['audits', { ...RANGE, to: '2026-01-19T00:00:00.000Z' }, 'to', 'the range is empty'],
])('%s with %j names %s', async (path, body, field, message) => {
  const answer = await ask(`${service.url}/v1/${path}`, site.keys.admin, { body });
  expect(answer.status).toBe(400);
  expect(answer.body['errors']).toEqual([{ field, message: expect.stringContaining(message) as unknown }]);
});

test('a cut-off before the range has its own code', async () => {
  const body = { ...REQUEST, labelCutOff: '2026-01-19T23:59:59.999Z' };
  const answer = await ask(`${service.url}/v1/training-sets`, site.keys.admin, { body });
  expect(answer).toMatchObject({
    status: 422,
    body: { type: 'urn:vigia:problem:cut_off_before_range', errors: [{ field: 'labelCutOff' }] },
  });
});

test.each([
  ['/v1/jobs/promotion/1', 'queue', 'training-set, backfill, audit'],
  ['/v1/jobs/audit/404', 'id', '30 days'],
])('%s is a problem that names %s', async (path, field, remedy) => {
  for (const method of ['GET', 'DELETE']) {
    const answer = await ask(service.url + path, site.keys.admin, { method });
    expect(answer.status).toBe(404);
    expect(answer.body).toMatchObject({ errors: [{ field }] });
    expect(answer.body['detail']).toContain(remedy);
  }
});

test('a key without the scope admin starts no job', async () => {
  const answer = await ask(`${service.url}/v1/audits`, site.keys.reader, { body: RANGE });
  expect(answer.status).toBe(403);
});
