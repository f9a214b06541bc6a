import type { AddressInfo } from 'node:net';
import { ConfigError, parseConfig, type Service } from '@vigia/platform';
import { waitFor } from '@vigia/testing';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import { monitoringConfig } from '../config.js';
import { PATIENCE, Site } from '../site.fixture.js';
import { noticeOf } from './notice.js';
import { sendersOf } from './senders.js';

jest.setTimeout(120_000);

const HOUR_MS = 3_600_000;
const START_MS = Date.UTC(2026, 10, 20);

interface Mail {
  from: string;
  to: string[];
  user: string | undefined;
  text: string;
}

/** What the server does with a mail. */
type Manner = 'takes' | 'refuses' | 'hangs';

let site: Site;
let server: SMTPServer;
let service: Service | undefined;
let manner: Manner = 'takes';
let attempts = 0;
let window = 0;
const mails: Mail[] = [];

beforeAll(async () => {
  site = await Site.open();
  server = new SMTPServer({
    authOptional: true,
    // The only certificate here is one that nobody trusts.
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    closeTimeout: 100,
    logger: false,
    onAuth: ({ username, password }, _, done) =>
      password === 'secret' ? done(null, { user: username ?? '' }) : done(new Error('wrong password')),
    onData: (stream, session: SMTPServerSession, done) => {
      let text = '';
      stream.on('data', (part: Buffer) => (text += part.toString()));
      stream.on('end', () => {
        attempts++;
        if (manner === 'hangs') return;
        if (manner === 'refuses') return done(new Error('mailbox full'));
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map(({ address }) => address),
          user: session.user as string | undefined,
          text,
        });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await new Promise<void>((resolve) => (server ? void server.close(() => resolve()) : resolve()));
  await site?.close();
});
beforeEach(() => {
  attempts = 0;
  mails.length = 0;
});
afterEach(async () => {
  await service?.close();
  service = undefined;
});

const port = () => (server.server.address() as AddressInfo).port;
const start = async (settings: Record<string, string> = {}): Promise<void> => {
  service = await site.start({
    SMTP_URL: `smtp://vigia:secret@127.0.0.1:${port()}`,
    SMTP_TIMEOUT_MS: '2000',
    MAIL_FROM: 'Vigia <vigia@bank.example>',
    MAIL_TO: 'fraud@bank.example, sre@bank.example',
    NOTICE_RETRY_MS: '50',
    ...settings,
  });
};

/** Records a window that opens an alert, as a run does; told by mail and by webhook. */
async function openAlert(bundleVersion: string): Promise<void> {
  const fromMs = START_MS + window++ * HOUR_MS;
  const seenAtMs = fromMs + HOUR_MS;
  const signals = [{ signal: 'segment/channel/web/score', value: 0.41234, reason: null }];
  await site.ledger.monitoring.recordWindow(
    {
      ...{ model: 'pix-fraud', bundleVersion, role: 'champion', fromMs, toMs: seenAtMs },
      ...{ payments: 0, counts: {}, verdicts: [] },
    },
    () => [{ step: 'open', kind: 'segment_drift', change: { severity: 'warning', signals, windows: 1, seenAtMs } }],
    (event, alert) => [{ channel: 'email', body: noticeOf(event, alert) }],
  );
}

const samples = async (): Promise<string> => (await fetch(`${service!.url}/metrics`)).text();

test('a mail says what, where, since when and what to do, to everybody, from whom the settings say', async () => {
  manner = 'takes';
  await start();
  await openAlert('b-1');
  await waitFor(() => mails.length === 1, PATIENCE);
  const [mail] = mails;
  expect(mail).toMatchObject({
    from: 'vigia@bank.example',
    to: ['fraud@bank.example', 'sre@bank.example'],
    user: 'vigia',
  });
  expect(mail!.text).toMatch(/^Auto-Submitted: auto-generated\r$/m);
  const unfolded = mail!.text.replaceAll('\r\n ', ' ').replaceAll('=\r\n', '');
  expect(unfolded).toMatch(/^Subject: \[opened, warning\] In a segment .*: pix-fraud b-1 \(champion\)/m);
  expect(unfolded).toContain('since 2026-11-20T01:00:00.000Z: segment/channel/web/score 0.412');
  expect(unfolded).toContain('what to do: docs/runbook.md#alert-segment-drift');
});

test('refused it is tried again until it is taken, once', async () => {
  manner = 'refuses';
  await start();
  await openAlert('b-2');
  await waitFor(() => attempts >= 2, PATIENCE);
  manner = 'takes';
  await waitFor(() => mails.length === 1, PATIENCE);
  await waitFor(async () => (await site.ledger.monitoring.pendingNotices()).email === 0, PATIENCE);
  expect(mails).toHaveLength(1);
  expect(await samples()).toMatch(/vigia_alert_notices_total\{(?=[^}]*channel="email")[^}]*result="sent"[^}]*\} 1/);
});

test('a mail server that hangs holds up no request and no end of the service, and the mail goes out after a restart', async () => {
  manner = 'hangs';
  await start({ SMTP_TIMEOUT_MS: '500' });
  await openAlert('b-3');
  await waitFor(
    async () => /notices_total\{(?=[^}]*channel="email")[^}]*result="failed"/.test(await samples()),
    PATIENCE,
  );
  expect((await fetch(`${service!.url}/health/ready`)).status).toBe(200);
  await service!.close();
  manner = 'takes';
  await start();
  await waitFor(() => mails.length === 1, PATIENCE);
  expect(mails[0]!.text).toContain('b-3');
});

test('with a wrong password a mail is given up in the end, which shows', async () => {
  manner = 'takes';
  await start({ SMTP_URL: `smtp://vigia:guess@127.0.0.1:${port()}`, NOTICE_ATTEMPTS: '2' });
  await openAlert('b-4');
  await waitFor(
    async () => /notices_total\{(?=[^}]*channel="email")[^}]*result="given_up"[^}]*\} 1/.test(await samples()),
    PATIENCE,
  );
  expect(mails).toEqual([]);
});

test.each([
  ['MAIL_TO', { SMTP_URL: 'smtp://127.0.0.1:25', MAIL_FROM: 'vigia@bank.example' }],
  ['MAIL_FROM', { SMTP_URL: 'smtp://127.0.0.1:25', MAIL_TO: 'fraud@bank.example' }],
  ['SMTP_URL', { SMTP_URL: 'http://127.0.0.1', MAIL_FROM: 'a@bank.example', MAIL_TO: 'b@bank.example' }],
])('a start without a good %s is refused with the remedy', (name, settings) => {
  const begin = () => sendersOf(parseConfig(monitoringConfig, { DATABASE_URL: 'postgres://nobody', ...settings }));
  expect(begin).toThrow(ConfigError);
  expect(begin).toThrow(name);
});
