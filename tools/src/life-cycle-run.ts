import { join } from 'node:path';
import type { ModelChange } from '@vigia/contracts';
import type { JobView } from '@vigia/platform';
import { freePort, waitFor } from '@vigia/testing';
import { DemoDay } from './demo-day.js';
import { eventsOfDay, type PreparedWorld } from './preparation.js';
import { freePorts, startServices } from './services.js';
import { startApp, type RunningApp, type Stack } from './stack.js';
import type { World } from './world.js';

const MODEL = 'pix-fraud';
/** Settings of the three models: a first one, a better one, and one that must not go live. */
const TRAININGS = {
  first: { trees: 150, depth: 4, learning_rate: 0.05 },
  better: { trees: 200, depth: 4, learning_rate: 0.05 },
  worse: { trees: 1, depth: 1, learning_rate: 0.01 },
};
const JOB_MS = 600_000;
const FOLLOW_MS = 60_000;
/** Payments of the day that each part of the cycle sends. */
const PART = 150;

/** What happened, for whoever holds it against what should have. */
export interface LifeCycleReport {
  /** Registry numbers of the three versions. */
  versions: { first: string; better: string; worse: string };
  /** Bundle versions that the payments of each part were decided by. */
  decidedBy: { first: string[]; better: string[]; afterRollback: string[] };
  bundleVersions: { first: string; better: string };
  shadowScores: number;
  comparedPayments: number;
  /** Why the worse version could not go live. */
  refusal: string;
  changes: ModelChange[];
  /** The change by which the model of the first payment was live. */
  behindFirstPayment: { model: { version: string } | null; change: ModelChange | null };
  failed: number;
}

interface Site {
  world: World;
  stack: Stack & { mlflowUrl: string };
  prepared: PreparedWorld;
  say: (line: string) => void;
}

/**
 * The whole life of a model with real services: train, gate, champion; a better one: gate, shadow, comparison, promotion
 * while payments go on; a worse one: refused; rollback; history.
 */
export async function runLifeCycle({ world, stack, prepared, say }: Site): Promise<LifeCycleReport> {
  const apps: RunningApp[] = [];
  const ports = { ...(await freePorts()), worker: await freePort() };
  const workerUrl = `http://127.0.0.1:${ports.worker}`;
  const scoringUrl = `http://127.0.0.1:${ports.scoring}`;
  const operations = new ModelOperations(workerUrl, stack.key);
  try {
    say('starting the training worker');
    apps.push(await startWorker(stack, prepared, ports.worker));

    say(`training the first model (${describe(TRAININGS.first)})`);
    const first = passed(await operations.train(TRAININGS.first, say), say);
    await operations.promote(first.version, 'the first champion', say);

    say('starting scoring and ingestion, which follow the registry');
    apps.push(
      ...(await startServices(world, stack, prepared, ports, {
        MODEL_URI: `models:/${MODEL}@champion`,
        CHALLENGER_URI: `models:/${MODEL}@challenger`,
        MLFLOW_URL: stack.mlflowUrl,
        MODEL_CACHE_DIRECTORY: join(stack.directory, 'models'),
        MODEL_POLL_SECONDS: '1',
      })),
    );
    const traffic = new Traffic(world, prepared, { scoringUrl, ingestionPort: ports.ingestion, key: stack.key });
    await traffic.prepare();
    await serves(scoringUrl, 'champion', first.bundleVersion);
    const byFirst = await traffic.send('the first champion decides', say);

    say(`training a better model (${describe(TRAININGS.better)})`);
    const better = passed(await operations.train(TRAININGS.better, say), say);
    await serves(scoringUrl, 'challenger', better.bundleVersion);
    await traffic.send('the challenger scores in shadow', say);
    await waitFor(async () => (await shadowScores(scoringUrl)) >= PART, { timeoutMs: FOLLOW_MS });
    const comparison = await operations.comparison();
    say(
      `compared on ${comparison.payments} payments: mean difference ${comparison.meanAbsoluteDifference?.toFixed(4)}`,
    );
    await operations.promote(better.version, 'as good on the hold-out, and no surprise in shadow', say);
    await serves(scoringUrl, 'champion', better.bundleVersion);
    const byBetter = await traffic.send('the better one decides', say);

    say(`training a worse model (${describe(TRAININGS.worse)})`);
    const worse = await operations.train(TRAININGS.worse, say);
    const refusal = await operations.promotionRefused(worse.version);
    say(`refused: ${refusal}`);

    await operations.rollBack('rehearsal of a rollback', say);
    await serves(scoringUrl, 'champion', first.bundleVersion);
    const afterRollback = await traffic.send('after the rollback', say);
    return {
      versions: { first: first.version, better: better.version, worse: worse.version },
      bundleVersions: { first: first.bundleVersion, better: better.bundleVersion },
      decidedBy: { first: byFirst.models, better: byBetter.models, afterRollback: afterRollback.models },
      shadowScores: await shadowScores(scoringUrl),
      comparedPayments: comparison.payments,
      refusal,
      changes: await operations.history(),
      behindFirstPayment: await operations.behind(byFirst.endToEndIds[0]!),
      failed: traffic.failed,
    };
  } finally {
    for (const app of apps.reverse()) await app.stop();
  }
}

function startWorker(stack: Site['stack'], prepared: PreparedWorld, port: number): Promise<RunningApp> {
  return startApp(
    'training-worker',
    join(stack.directory, 'logs'),
    {
      HOST: '127.0.0.1',
      PORT: String(port),
      DATABASE_URL: stack.databaseUrl,
      REDIS_URL: stack.redisUrl,
      QUEUE_PREFIX: `{${prepared.prefix}}:jobs`,
      MLFLOW_URL: stack.mlflowUrl,
      API_KEYS_FILE: stack.apiKeysFile,
      TRAINING_SET_DIRECTORY: prepared.directory,
      WORK_DIRECTORY: join(stack.directory, 'training'),
      // Hours of shadow would be hours of waiting here.
      MINIMUM_SHADOW_HOURS: '0',
      MINIMUM_SHADOW_SCORES: '50',
      MAX_LOOP_DELAY_MS: '5000',
      SHUTDOWN_GRACE_MS: '0',
    },
    `http://127.0.0.1:${port}/health/ready`,
  );
}

interface Trained {
  version: string;
  bundleVersion: string;
  passed: boolean;
  reasons: string[];
}

function passed(trained: Trained, say: (line: string) => void): Trained {
  if (!trained.passed) throw new Error(`version ${trained.version} failed the gate: ${trained.reasons.join('; ')}`);
  say(`version ${trained.version} passed the gate`);
  return trained;
}

/** The worker's HTTP API as its users call it. */
class ModelOperations {
  constructor(
    private readonly url: string,
    private readonly key: string,
  ) {}

  async train(parameters: Record<string, number>, say: (line: string) => void): Promise<Trained> {
    const body = { model: MODEL, trainingSet: 'training-set', parameters };
    const training = await this.done(await this.post('v1/training-jobs', body), say);
    const { version, bundleVersion, evaluation } = training.result as {
      version: string;
      bundleVersion: string;
      evaluation: string;
    };
    const verdict = (await this.done({ queue: 'evaluate', id: evaluation }, say)).result as {
      passed: boolean;
      checks: { passed: boolean; text: string }[];
    };
    const reasons = verdict.checks.filter(({ passed }) => !passed).map(({ text }) => text);
    return { version, bundleVersion, passed: verdict.passed, reasons };
  }

  async promote(version: string, reason: string, say: (line: string) => void): Promise<void> {
    const body = { by: 'Ana Prado', reason };
    await this.done(await this.post(`v1/models/${MODEL}/versions/${version}/promote`, body), say);
    say(`version ${version} is the champion`);
  }

  /** Why a promotion is refused. */
  async promotionRefused(version: string): Promise<string> {
    const body = { by: 'Ana Prado', reason: 'to see whether it is refused' };
    const job = await this.over(await this.post(`v1/models/${MODEL}/versions/${version}/promote`, body));
    if (job.state !== 'failed' || !job.problem) throw new Error(`the promotion of version ${version} is ${job.state}`);
    return job.problem.detail;
  }

  async rollBack(reason: string, say: (line: string) => void): Promise<void> {
    const { result } = await this.done(
      await this.post(`v1/models/${MODEL}/rollback`, { by: 'Rui Alves', reason }),
      say,
    );
    say(`rolled back to version ${(result as ModelChange).to.version}`);
  }

  comparison(): Promise<{ payments: number; meanAbsoluteDifference: number | null }> {
    return this.get(`v1/models/${MODEL}/comparison`);
  }

  async history(): Promise<ModelChange[]> {
    return (await this.get<{ changes: ModelChange[] }>(`v1/models/${MODEL}/history`)).changes;
  }

  behind(endToEndId: string): Promise<LifeCycleReport['behindFirstPayment']> {
    return this.get(`v1/payments/${endToEndId}/model`);
  }

  private async done(job: Pick<JobView, 'queue' | 'id'>, say: (line: string) => void): Promise<JobView> {
    let told = '';
    const over = await this.over(job, ({ progress }) => {
      const step = progress ? `  ${Math.round(100 * progress.share)} % ${progress.step}` : '';
      if (step !== told && step !== '') say(step);
      told = step;
    });
    if (over.state === 'completed') return over;
    throw new Error(`job ${job.queue}/${job.id} is ${over.state}: ${over.problem?.detail ?? 'no reason given'}`);
  }

  private async over(
    { queue, id }: Pick<JobView, 'queue' | 'id'>,
    onLook: (job: JobView) => void = () => undefined,
  ): Promise<JobView> {
    let job: JobView | undefined;
    await waitFor(
      async () => {
        job = await this.get<JobView>(`v1/jobs/${queue}/${id}`);
        onLook(job);
        return ['completed', 'failed', 'cancelled'].includes(job.state);
      },
      { timeoutMs: JOB_MS, intervalMs: 200 },
    );
    return job!;
  }

  private get<T>(path: string): Promise<T> {
    return this.ask<T>(path, {});
  }

  private post(path: string, body: object): Promise<JobView> {
    return this.ask(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  private async ask<T>(path: string, init: RequestInit): Promise<T> {
    const answer = await fetch(`${this.url}/${path}`, { ...init, headers: { ...init.headers, 'x-api-key': this.key } });
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }
}

/** A day of payments, sent part by part. */
class Traffic {
  failed = 0;
  private events: Awaited<ReturnType<typeof eventsOfDay>>['events'] = [];

  constructor(
    private readonly world: World,
    private readonly prepared: PreparedWorld,
    private readonly to: { scoringUrl: string; ingestionPort: number; key: string },
  ) {}

  async prepare(): Promise<void> {
    const { events } = await eventsOfDay(this.world, this.prepared.dayFromMs, this.prepared.pseudonymiser);
    this.events = events.filter(({ kind }) => kind === 'payment');
  }

  /** Sends the next part and reads back which models decided it. */
  async send(what: string, say: (line: string) => void): Promise<{ endToEndIds: string[]; models: string[] }> {
    const { scoringUrl, ingestionPort, key } = this.to;
    const part = this.events.splice(0, PART);
    const day = new DemoDay({
      scoringUrl,
      ingestionUrl: `http://127.0.0.1:${ingestionPort}`,
      key,
      labelEarlier: () => Promise.resolve(),
    });
    await day.stream(part, 500, () => undefined);
    this.failed += day.tally.failed;
    const endToEndIds = part.flatMap((event) => (event.kind === 'payment' ? [event.payment.endToEndId] : []));
    const models = new Set<string>();
    for (const endToEndId of endToEndIds) {
      const answer = await fetch(`${scoringUrl}/v1/assessments/${endToEndId}`, { headers: { 'x-api-key': key } });
      const { model } = (await answer.json()) as { model: { version: string } | null };
      models.add(model?.version ?? 'none');
    }
    say(`${what}: ${part.length} payments by ${[...models].join(', ')}`);
    return { endToEndIds, models: [...models] };
  }
}

/** Waits until scoring says that a role is filled by this bundle. */
async function serves(scoringUrl: string, role: string, bundleVersion: string): Promise<void> {
  const wanted = new RegExp(
    `^vigia_model_info\\{(?=[^}]*role="${role}")(?=[^}]*version="${bundleVersion}")[^}]*\\} 1$`,
    'm',
  );
  await waitFor(async () => wanted.test(await metricsOf(scoringUrl)), { timeoutMs: FOLLOW_MS });
}

async function shadowScores(scoringUrl: string): Promise<number> {
  const text = await metricsOf(scoringUrl);
  return Number(/^vigia_shadow_scores_total(?:\{[^}]*\})? (\d+)$/m.exec(text)?.[1] ?? NaN);
}

const metricsOf = async (url: string): Promise<string> => (await fetch(`${url}/metrics`)).text();

const describe = (parameters: Record<string, number>): string =>
  Object.entries(parameters)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
