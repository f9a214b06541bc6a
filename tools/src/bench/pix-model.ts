import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { bundleManifest, payment as paymentSchema, type Decision } from '@vigia/contracts';
import { PIX, compileFeatureSet } from '@vigia/features';
import { loadBundle } from '@vigia/model';
import { OfflineStore } from '@vigia/offline-store';
import { Pseudonymiser } from '@vigia/platform';
import { PolicyEngine, policyInputs, policySettings } from '@vigia/policy';
import type { SimulatedEvent } from '@vigia/simulator';
import { train } from '../model.js';
import { simulatedTrainingSet } from '../simulated-training-set.js';
import { pixWorld, type World } from '../world.js';
import { round, table, type Bench, type Say } from './report.js';

/** What a hold-out payment came to: the truth as known at the cut-off, its amount, what was decided. */
interface Decided {
  fraud: boolean;
  amountCents: number;
  decision: Decision;
}

interface Interval {
  value: number;
  low: number;
  high: number;
}

const MEASURES = {
  frauds_stopped: (rows: Decided[]) => shareOf(rows, ({ fraud }) => fraud, stopped),
  genuine_held_or_refused: (rows: Decided[]) => shareOf(rows, ({ fraud }) => !fraud, stopped),
  review_rate: (rows: Decided[]) =>
    shareOf(
      rows,
      () => true,
      ({ decision }) => decision === 'review',
    ),
  saved_share: savedShare,
} satisfies Record<string, (rows: Decided[]) => number>;
type Measures = Record<keyof typeof MEASURES, Interval>;

/** As `Costs` of pipelines/src/vigia/thresholds.py has them by default, in cents. */
const COSTS = { review: 1_200, falseReject: 3_000, friction: 0.01 };
const RESAMPLES = 200;

export const bench: Bench = {
  question: 'How well does the shipped way of training do on the simulated Pix world, beside rules and regression?',
  async run(args, say) {
    const { values } = parseArgs({
      args,
      options: {
        'history-days': { type: 'string', default: '80' },
        'per-day': { type: 'string', default: '6000' },
        'fraud-share': { type: 'string', default: '0.002' },
        seed: { type: 'string', default: '7' },
      },
    });
    const world = pixWorld({
      seed: Number(values.seed),
      historyDays: Number(values['history-days']),
      paymentsPerDay: Number(values['per-day']),
      fraudShare: Number(values['fraud-share']),
    });
    const directory = mkdtempSync(join(tmpdir(), 'vigia-pix-model-'));
    try {
      return await compare(world, directory, say);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
};

async function compare(world: World, directory: string, say: Say): Promise<Record<string, unknown>> {
  const [data, bundle] = [join(directory, 'training-set'), join(directory, 'bundle')];
  say(`simulating about ${world.payments.toLocaleString('en')} payments and computing their features`);
  await simulatedTrainingSet(world, history(world), data);
  await train(data, bundle);
  const manifest = bundleManifest.parse(JSON.parse(readFileSync(join(bundle, 'bundle.json'), 'utf8')));
  say('deciding the hold-out by the policy, without the model and with it');
  const { without, using } = await decide(world, { data, bundle, holdOut: manifest.holdOut });
  const { overall } = JSON.parse(readFileSync(join(bundle, 'evaluation.json'), 'utf8')) as {
    overall: { metrics: Record<string, Interval> };
  };
  const figures = {
    hold_out: manifest.holdOut,
    model: Object.fromEntries(
      ['average_precision', 'roc_auc', 'recall_at_1_percent_false_positives'].map((name) => [
        name,
        overall.metrics[name],
      ]),
    ),
    logistic_regression: {
      average_precision: manifest.metrics['baseline_average_precision'],
      roc_auc: manifest.metrics['baseline_roc_auc'],
    },
    rules_only: measured(without),
    policy_with_model: measured(using),
  };
  say(`\n${tableOf(figures.rules_only, figures.policy_with_model)}\n`);
  return figures;
}

function* history(world: World): Generator<SimulatedEvent> {
  for (const event of world.events() as Iterable<SimulatedEvent>) {
    if (event.atMs >= world.liveFromMs) return;
    yield event;
  }
}

interface HoldOut {
  data: string;
  bundle: string;
  holdOut: { from: string; to: string };
}

/** Decides each payment of the hold-out twice by the policy that ships: without a model, and with the bundle. */
async function decide(
  world: World,
  { data, bundle, holdOut }: HoldOut,
): Promise<Record<'without' | 'using', Decided[]>> {
  const set = compileFeatureSet(PIX);
  const engine = await PolicyEngine.load({ settings: policySettings.parse({}) });
  const inputOf = policyInputs(set.features, engine.settings, null);
  const pseudonymiser = new Pseudonymiser({ version: 1, secret: Buffer.alloc(32, 'bench') });
  const model = await loadBundle(bundle, { featureSet: set });
  const rows = await holdOutRows(data, set.features, holdOut);
  const result = { without: [] as Decided[], using: [] as Decided[] };
  try {
    for (const event of history(world)) {
      const row = event.kind === 'payment' ? rows.get(event.payment.endToEndId) : undefined;
      if (event.kind !== 'payment' || !row) continue;
      const payment = pseudonymiser.payment(paymentSchema.parse(event.payment));
      const { probability } = await model.score(row.vector);
      const by = async (scored: number | null): Promise<Decided> => {
        const degraded = scored === null ? (['model'] as const) : [];
        const verdict = await engine.evaluate(inputOf(payment, row.vector, { probability: scored, degraded }));
        return { fraud: row.fraud, amountCents: payment.amountCents, decision: verdict.decision };
      };
      result.without.push(await by(null));
      result.using.push(await by(probability));
    }
  } finally {
    await model.close();
  }
  return result;
}

async function holdOutRows(
  data: string,
  features: readonly string[],
  { from, to }: HoldOut['holdOut'],
): Promise<Map<string, { fraud: boolean; vector: Float32Array }>> {
  const store = await OfflineStore.open({ memoryLimitMb: 1_000, threads: 2, temporaryDirectory: dirname(data) });
  try {
    const rows = await store.ask(
      `SELECT end_to_end_id, label, ${features.join(', ')} FROM '${join(data, 'rows.parquet')}'
       WHERE accepted_at_ms >= ${Date.parse(from)} AND accepted_at_ms < ${Date.parse(to)}`,
    );
    return new Map(
      rows.map(([id, label, ...values]) => [
        String(id),
        {
          fraud: Number(label) === 1,
          vector: Float32Array.from(values, (value) => (value === null ? NaN : Number(value))),
        },
      ]),
    );
  } finally {
    store.close();
  }
}

const stopped = ({ decision }: Decided): boolean => decision !== 'approve';

function shareOf(rows: Decided[], among: (row: Decided) => boolean, has: (row: Decided) => boolean): number {
  const group = rows.filter(among);
  return group.filter(has).length / group.length;
}

/** Share of what fraud costs without any decision that these decisions save; below 0 where they cost more. */
function savedShare(rows: Decided[]): number {
  let [without, cost] = [0, 0];
  for (const { fraud, amountCents, decision } of rows) {
    if (fraud) without += amountCents;
    if (decision === 'review') cost += COSTS.review;
    else if (decision === 'reject') cost += fraud ? 0 : COSTS.falseReject + COSTS.friction * amountCents;
    else cost += fraud ? amountCents : 0;
  }
  return 1 - cost / without;
}

/** Each measure with the middle 95 % of what resamples of the rows give (Efron's percentile interval), seeded. */
function measured(rows: Decided[]): Measures {
  let state = 1;
  // Numerical Recipes' generator: enough to draw rows.
  const random = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  const resamples = Array.from({ length: RESAMPLES }, () => rows.map(() => rows[Math.floor(random() * rows.length)]!));
  const entries = Object.entries(MEASURES).map(([name, measure]) => {
    const values = resamples.map(measure).sort((a, b) => a - b);
    const at = (share: number): number => round(values[Math.floor(share * (RESAMPLES - 1))]!, 4);
    return [name, { value: round(measure(rows), 4), low: at(0.025), high: at(0.975) }];
  });
  return Object.fromEntries(entries) as Measures;
}

function tableOf(rules: Measures, model: Measures): string {
  const cell = ({ value, low, high }: Interval): string =>
    `${(100 * value).toFixed(2)} % (${(100 * low).toFixed(2)} to ${(100 * high).toFixed(2)})`;
  const names = Object.keys(MEASURES) as (keyof Measures)[];
  return table([
    ['hold-out', 'rules alone', 'rules and model'],
    ...names.map((name) => [name.replaceAll('_', ' '), cell(rules[name]), cell(model[name])]),
  ]);
}
