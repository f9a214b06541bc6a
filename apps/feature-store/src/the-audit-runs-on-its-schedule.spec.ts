import { Queue } from 'bullmq';
import { waitFor } from '@vigia/testing';
import { Site } from './site.fixture.js';

jest.setTimeout(60_000);

let site: Site;

beforeAll(async () => {
  site = await Site.open();
});
afterAll(() => site?.close());

test('the first audit comes with the start, and a start without a schedule ends it', async () => {
  const queue = new Queue('audit', { connection: { url: site.redisUrl }, prefix: site.queuePrefix });
  try {
    const scheduled = await site.start({ AUDIT_EVERY_MINUTES: '60' });
    const ended = async (): Promise<boolean> =>
      (await (await fetch(`${scheduled.url}/metrics`)).text()).includes('vigia_jobs_total{queue="audit"');
    await waitFor(ended, { timeoutMs: 30_000 });
    expect(await queue.getJobSchedulers()).toMatchObject([{ every: 3_600_000, next: expect.any(Number) as unknown }]);
    await scheduled.close();

    const unscheduled = await site.start();
    await waitFor(async () => (await queue.getJobSchedulersCount()) === 0);
    await unscheduled.close();
  } finally {
    await queue.close();
  }
});
