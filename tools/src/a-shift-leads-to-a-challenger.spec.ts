import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitFor } from '@vigia/testing';
import { ClosedLoopSite } from './closed-loop-site.fixture.js';
import { startStack, type MlflowStack } from './stack.js';
import { DAY_MS } from './world.js';

const MODEL = 'pix-fraud';
/** More fraud than life has, so that a few thousand payments can teach a model. */
const WORLD = { seed: 11, days: 30, paymentsPerDay: 700, fraudShare: 0.03 };
const QUIET_DAYS = 1;
const SHIFTED_DAYS = 2;
/** Frauds of the last days are not known yet. */
const LABEL_DAYS = 7;
const PATIENCE = { timeoutMs: 300_000, intervalMs: 500 };

/**
 * What ships is for worlds with enough frauds to measure and machines that are not busy: the gate compares with the
 * champion here, and judges nothing else.
 */
const LIMITS = {
  least_frauds: 5,
  average_precision_above_chance: 0,
  roc_auc: 0.5,
  recall_at_1_percent_false_positives: 0,
  saved_share: -100,
  baseline_margin: -1,
  calibration_error_to_prevalence: 100,
  average_precision_loss: 0.5,
  saved_share_loss: 100,
  false_positive_factor: 1000,
  false_positive_factor_by: {},
  latency_us: 1_000_000,
};

interface Version {
  version: string;
  bundleVersion: string;
  aliases: string[];
  gate: string;
}

interface Alerts {
  alerts: {
    id: string;
    kind: string;
    role: string;
    signals: { signal: string }[];
    actions: { kind: string; jobId: string; followedAtMs: number | null; failure: string | null }[];
  }[];
}

let directory: string;
let stack: MlflowStack;
let site: ClosedLoopSite;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'vigia-closed-loop-'));
  stack = await startStack(directory, { mlflow: true });
  site = new ClosedLoopSite(stack, WORLD);
  const at = (name: string): string => join(directory, name);
  await site.start('scoring', {
    MODEL_URI: `models:/${MODEL}@champion`,
    MODEL_CACHE_DIRECTORY: at('models'),
    MODEL_POLL_SECONDS: '1',
    SPOOL_DIRECTORY: at('spool'),
  });
  await site.start('ingestion', { SCORING_ADDRESS: site.url['scoring grpc']!, SCORING_API_KEY: stack.key });
  await site.start('feature-store', {
    OFFLINE_DIRECTORY: at('offline'),
    AUDIT_DIRECTORY: at('audits'),
    LABEL_DELAY_DAYS: '1',
  });
  // JSON is YAML.
  writeFileSync(at('gate.yaml'), JSON.stringify(LIMITS));
  await site.start('training-worker', { WORK_DIRECTORY: at('training'), GATE_LIMITS_FILE: at('gate.yaml') });
}, 300_000);

afterAll(async () => {
  await site?.close();
  await stack?.stop();
  rmSync(directory, { recursive: true, force: true });
}, 60_000);

const instant = (daysBeforeEnd: number): string => new Date(site.endMs - daysBeforeEnd * DAY_MS).toISOString();

test('a champion decides on quiet days; prices shift, and from there to the challenger nobody has a hand in it', async () => {
  await quietDays();
  await shiftedDays();
}, 1_200_000);

/** Until a champion has decided for a day, and nothing was asked for. */
async function quietDays(): Promise<void> {
  expect(await site.bring(QUIET_DAYS + SHIFTED_DAYS)).toBeGreaterThan(10_000);
  const { name } = await site.done<{ name: string }>('feature-store', 'v1/training-sets', {
    featureSet: 'pix',
    from: instant(WORLD.days - 3),
    to: instant(QUIET_DAYS + SHIFTED_DAYS + LABEL_DAYS),
    // Labels count from when they reached the windows, which is today for all of these days.
    labelCutOff: new Date().toISOString(),
  });
  const body = { model: MODEL, trainingSet: name };
  const { version, bundleVersion, evaluation } = await site.done<Version & { evaluation: string }>(
    'training-worker',
    'v1/training-jobs',
    body,
  );
  const verdict = await site.result<{ passed: boolean; checks: { passed: boolean }[] }>(
    'training-worker',
    'evaluate',
    evaluation,
  );
  expect(verdict.checks.filter(({ passed }) => !passed)).toEqual([]);
  const reason = { by: 'Ana Prado', reason: 'the first champion' };
  await site.done('training-worker', `v1/models/${MODEL}/versions/${version}/promote`, reason);
  const live = new RegExp(
    `^vigia_model_info\\{(?=[^}]*role="champion")(?=[^}]*version="${bundleVersion}")[^}]*\\} 1$`,
    'm',
  );
  await waitFor(async () => live.test(await site.metric('scoring')), PATIENCE);

  await site.bring(SHIFTED_DAYS);
  await site.start('monitoring', monitoringSettings('0'));
  await site.done('monitoring', 'v1/monitoring-runs', {
    model: MODEL,
    from: instant(SHIFTED_DAYS + 1),
    to: instant(SHIFTED_DAYS),
  });
  expect((await site.ask<Alerts>('monitoring', 'v1/alerts')).alerts).toEqual([]);
  await site.stop('monitoring');
}

async function shiftedDays(): Promise<void> {
  await site.bring(0, 8);
  await site.start('monitoring', monitoringSettings('1440'));

  let alerts: Alerts['alerts'] = [];
  await waitFor(async () => {
    ({ alerts } = await site.ask<Alerts>('monitoring', 'v1/alerts'));
    return alerts.some(({ actions }) => actions.some(({ followedAtMs }) => followedAtMs !== null));
  }, PATIENCE);
  const alert = alerts.find(({ actions }) => actions.length > 0)!;
  expect(alert).toMatchObject({ kind: 'feature_drift', role: 'champion' });
  expect(alert.signals.map(({ signal }) => signal)).toContain('feature/amount');
  expect(alert.actions).toMatchObject([{ kind: 'retrain', jobId: `alert-${alert.id}`, failure: null }]);

  const trained = await site.result<Version & { evaluation: string }>('training-worker', 'train', `alert-${alert.id}`);
  const verdict = await site.result<{ passed: boolean; champion: string }>(
    'training-worker',
    'evaluate',
    trained.evaluation,
  );
  expect(verdict).toMatchObject({ passed: true, champion: '1' });
  const { versions } = await site.ask<{ versions: Version[] }>('training-worker', `v1/models/${MODEL}/versions`);
  expect(versions).toMatchObject([
    { version: '2', bundleVersion: trained.bundleVersion, aliases: ['challenger'], gate: 'passed' },
    { version: '1', aliases: ['champion'], gate: 'passed' },
  ]);
}

function monitoringSettings(everyMinutes: string): Record<string, string> {
  return {
    MONITOR_EVERY_MINUTES: everyMinutes,
    BUNDLE_DIRECTORY: join(directory, 'monitored'),
    RETRAIN_ON: 'feature_drift',
    RETRAIN_DAYS: String(WORLD.days - LABEL_DAYS - 3),
    RETRAIN_LABEL_DELAY_DAYS: String(LABEL_DAYS),
    MINIMUM_PAYMENTS: '400',
    GAUGE_REFRESH_SECONDS: '1',
  };
}
