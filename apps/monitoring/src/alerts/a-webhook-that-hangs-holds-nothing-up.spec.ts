import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Alert } from '@vigia/ledger';
import type { Service } from '@vigia/platform';
import { waitFor } from '@vigia/testing';
import { PATIENCE, Site } from '../site.fixture.js';
import type { Notice } from './notice.js';
import { noticeOf } from './notice.js';

jest.setTimeout(120_000);

const HOUR_MS = 3_600_000;
const START_MS = Date.UTC(2026, 10, 20);

/** What the webhook does with a request. */
type Manner = 'takes' | 'refuses' | 'hangs';

let site: Site;
let server: Server;
let service: Service | undefined;
let url: string;
let manner: Manner = 'takes';
let requests = 0;
let window = 0;
const taken: Notice[] = [];
const hanging: ServerResponse[] = [];

beforeAll(async () => {
  site = await Site.open();
  server = createServer((request, response) => {
    let text = '';
    request.on('data', (part: Buffer) => (text += part.toString()));
    request.on('end', () => {
      requests++;
      if (manner === 'hangs') return void hanging.push(response);
      if (manner === 'takes') taken.push(JSON.parse(text) as Notice);
      response.writeHead(manner === 'takes' ? 200 : 500).end('ok');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`;
});
afterAll(async () => {
  server?.closeAllConnections();
  server?.close();
  await site?.close();
});
beforeEach(() => {
  requests = 0;
  taken.length = 0;
});
afterEach(async () => {
  await service?.close();
  service = undefined;
});

const start = async (settings: Record<string, string> = {}): Promise<void> => {
  service = await site.start({ WEBHOOK_URL: url, WEBHOOK_TIMEOUT_MS: '300', NOTICE_RETRY_MS: '50', ...settings });
};

/** Records a window that opens an alert, as a run does. */
async function openAlert(bundleVersion: string): Promise<void> {
  const fromMs = START_MS + window++ * HOUR_MS;
  await site.ledger.monitoring.recordWindow(
    {
      model: 'pix-fraud',
      bundleVersion,
      role: 'champion',
      fromMs,
      toMs: fromMs + HOUR_MS,
      payments: 0,
      counts: {},
      verdicts: [],
    },
    () => [
      {
        step: 'open',
        kind: 'score_drift',
        change: {
          severity: 'warning',
          signals: [{ signal: 'score', value: 0.41234, reason: null }],
          windows: 1,
          seenAtMs: fromMs + HOUR_MS,
        },
      },
    ],
    (event, alert) => [{ channel: 'webhook', body: noticeOf(event, alert) }],
  );
}

async function samples(): Promise<string> {
  return (await fetch(`${service!.url}/metrics`)).text();
}

test('a notice says what, where, since when and what to do, in one text and in fields', async () => {
  manner = 'takes';
  await start();
  await openAlert('b-1');
  await waitFor(() => taken.length === 1, PATIENCE);
  expect(taken[0]).toMatchObject({
    event: 'opened',
    runbook: 'docs/runbook.md#alert-score-drift',
    alert: { kind: 'score_drift', model: 'pix-fraud', bundleVersion: 'b-1', severity: 'warning' },
  });
  expect(taken[0]!.text).toBe(
    '[opened, warning] Scores are distributed otherwise than in validation: pix-fraud b-1 (champion)\n' +
      'since 2026-11-20T01:00:00.000Z: score 0.412\n' +
      'what to do: docs/runbook.md#alert-score-drift',
  );
});

test('answered 500 it is tried again until it is taken, once', async () => {
  manner = 'refuses';
  await start();
  await openAlert('b-2');
  await waitFor(() => requests >= 2, PATIENCE);
  manner = 'takes';
  await waitFor(() => taken.length === 1, PATIENCE);
  await waitFor(async () => (await site.ledger.monitoring.pendingNotices()).webhook === 0, PATIENCE);
  expect(taken.map(({ alert }: { alert: Alert }) => alert.bundleVersion)).toEqual(['b-2']);
  expect(await samples()).toMatch(/vigia_alert_notices_total\{[^}]*result="sent"[^}]*\} 1/);
});

test('a webhook that hangs holds up neither windows nor requests, and a restart loses nothing', async () => {
  manner = 'hangs';
  await start();
  await openAlert('b-3');
  await waitFor(() => requests >= 1, PATIENCE);
  await openAlert('b-4');
  expect((await fetch(`${service!.url}/health/ready`)).status).toBe(200);
  await waitFor(async () => /alert_notices_total\{[^}]*result="failed"/.test(await samples()), PATIENCE);
  await service!.close();
  manner = 'takes';
  await start();
  await waitFor(() => taken.length === 2, PATIENCE);
  expect(taken.map(({ alert }) => alert.bundleVersion).sort()).toEqual(['b-3', 'b-4']);
});

test('after its attempts a notice is given up, which shows', async () => {
  manner = 'refuses';
  await start({ NOTICE_ATTEMPTS: '2' });
  await openAlert('b-5');
  await waitFor(async () => /alert_notices_total\{[^}]*result="given_up"[^}]*\} 1/.test(await samples()), PATIENCE);
  expect(requests).toBe(2);
  expect(await site.ledger.monitoring.pendingNotices()).toEqual({ webhook: 0, email: 0 });
});
