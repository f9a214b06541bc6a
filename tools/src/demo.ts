import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DemoDay } from './demo-day.js';
import { DemoTable } from './demo-table.js';
import { eventsOfDay, prepare, type PreparedWorld } from './preparation.js';
import { startServices } from './services.js';
import { WORKSPACE, startStack, type RunningApp, type Stack } from './stack.js';
import { handbookWorld, pixWorld, type World } from './world.js';

const HELP = `npm run demo [-- options]
  --rate N          payments a second, default 150
  --exit            end when the day is over instead of staying up
  --handbook PATH   stream the Fraud Detection Handbook's transactions (transactions.csv.gz in PATH)
  --history-days N  days of simulated history to learn from, default 80
  --per-day N       simulated payments a day, default 6000
  --fraud-share X   share of fraud in the simulated world, default 0.002 (the country has about 0.0001)
  --seed N          seed of the simulated world, default 7`;

const PORTS = { scoring: 3001, grpc: 4001, ingestion: 3002 };

interface Options {
  rate: number;
  exit: boolean;
  world: World;
}

function optionsFrom(argv: string[]): Options {
  const { values } = parseArgs({
    args: argv,
    options: {
      rate: { type: 'string', default: '150' },
      exit: { type: 'boolean', default: false },
      handbook: { type: 'string' },
      'history-days': { type: 'string', default: '80' },
      'per-day': { type: 'string', default: '6000' },
      'fraud-share': { type: 'string', default: '0.002' },
      seed: { type: 'string', default: '7' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    process.exit(0);
  }
  const number = (name: 'rate' | 'history-days' | 'per-day' | 'fraud-share' | 'seed', least: number): number => {
    const value = Number(values[name]);
    if (!(value >= least)) throw new Error(`--${name} must be a number of at least ${least}`);
    return value;
  };
  const world = values.handbook
    ? handbookWorld(values.handbook)
    : pixWorld({
        seed: number('seed', 0),
        historyDays: number('history-days', 35),
        paymentsPerDay: number('per-day', 500),
        fraudShare: number('fraud-share', 0),
      });
  return { rate: number('rate', 1), exit: values.exit, world };
}

async function main(): Promise<void> {
  const options = optionsFrom(process.argv.slice(2));
  const startedAt = Date.now();
  const say = (line: string): void =>
    console.log(`[${((Date.now() - startedAt) / 1000).toFixed(0).padStart(4)} s] ${line}`);
  say('starting PostgreSQL and Valkey');
  const stack = await startStack(join(WORKSPACE, '.vigia/demo'));
  const running: RunningApp[] = [];
  const stopAll = async (): Promise<void> => {
    for (const app of running.reverse()) await app.stop();
    await stack.stop();
  };
  process.once('SIGINT', () => void stopAll().then(() => process.exit(0)));
  process.once('SIGTERM', () => void stopAll().then(() => process.exit(0)));
  try {
    const prepared = await prepare(options.world, stack, say);
    say('starting scoring and ingestion');
    running.push(...(await startServices(options.world, stack, prepared, PORTS)));
    await streamDay(options, stack, prepared, say);
    if (!options.exit) await stayUp(stack);
  } finally {
    await stopAll();
  }
}

async function streamDay(
  { world, rate }: Options,
  stack: Stack,
  prepared: PreparedWorld,
  say: (line: string) => void,
): Promise<void> {
  const { events, earlier } = await eventsOfDay(world, prepared.dayFromMs, prepared.pseudonymiser);
  say(`streaming ${new Date(prepared.dayFromMs).toISOString().slice(0, 10)} at ${rate} payments/s`);
  const table = new DemoTable(process.stdout);
  const day = new DemoDay({
    scoringUrl: `http://127.0.0.1:${PORTS.scoring}`,
    ingestionUrl: `http://127.0.0.1:${PORTS.ingestion}`,
    key: stack.key,
    labelEarlier: async (outcome) => {
      const payment = earlier.get(outcome.endToEndId);
      if (!payment || outcome.result === 'open') return;
      await prepared.store.label({
        atMs: payment.acceptedAtMs,
        eventId: payment.endToEndId,
        fraud: outcome.result === 'agreed',
        entities: prepared.set.entitiesOf(payment),
      });
    },
  });
  await day.stream(events, rate, (tally, final) => table.show(tally, final));
  prepared.dayDone();
  prepared.store.close();
  table.summary(day.tally, await day.explainOne());
}

async function stayUp(stack: Stack): Promise<void> {
  console.log(`
Up until Ctrl-C:
  scoring    http://127.0.0.1:${PORTS.scoring}/docs    gRPC 127.0.0.1:${PORTS.grpc}    metrics /metrics
  ingestion  http://127.0.0.1:${PORTS.ingestion}/docs
  API key    ${stack.key}
  record     ${stack.databaseUrl}
  windows    ${stack.redisUrl}
Each new run streams the next day.`);
  await new Promise(() => undefined);
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
