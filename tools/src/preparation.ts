import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { payment as paymentSchema, type PseudonymousPayment } from '@vigia/contracts';
import { compileFeatureSet, type CompiledFeatureSet } from '@vigia/features';
import { OnlineStore } from '@vigia/online-store';
import { Pseudonymiser } from '@vigia/platform';
import type { SimulatedEvent } from '@vigia/simulator';
import { replay, type ReplayReport } from './history.js';
import { train } from './model.js';
import { noted, type Scenarios } from './scenarios.js';
import type { Stack } from './stack.js';
import { localTrainingSet } from './training-set.js';
import { DAY_MS, type World } from './world.js';

/** What a world left on disk once its history was replayed and its model trained. */
interface Prepared {
  /** Key prefix of its online state. */
  prefix: string;
  featureSetHash: string;
  /** Days of the future that were streamed already. */
  streamedDays: number;
}

export interface PreparedWorld {
  set: CompiledFeatureSet;
  store: OnlineStore;
  pseudonymiser: Pseudonymiser;
  prefix: string;
  /** Holds the folders `training-set` and `bundle`. */
  directory: string;
  bundle: string;
  /** The day to stream now; each run takes the next one. */
  dayFromMs: number;
  dayDone(): void;
}

/** Replays the history and trains at the first time, or after the features changed; opens what is there afterwards. */
export async function prepare(world: World, stack: Stack, say: (line: string) => void): Promise<PreparedWorld> {
  const set = compileFeatureSet(world.set);
  const directory = join(stack.directory, `${world.name}-${set.hash.slice(0, 8)}-${world.payments}`);
  const stateFile = join(directory, 'prepared.json');
  const bundle = join(directory, 'bundle');
  const pseudonymiser = new Pseudonymiser({ version: 1, secret: Buffer.from(stack.pseudonymSecret) });
  if (!existsSync(stateFile)) rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  const state: Prepared = existsSync(stateFile)
    ? (JSON.parse(readFileSync(stateFile, 'utf8')) as Prepared)
    : // A new prefix each time: a replay that was cut off must not be counted into this one.
      { prefix: `${world.name}-${Date.now().toString(36)}`, featureSetHash: set.hash, streamedDays: 0 };
  const store = await OnlineStore.connect({
    url: stack.redisUrl,
    plan: set.plan,
    prefix: state.prefix,
    timeoutMs: 10_000,
    onError: (error) => say(`online store: ${error.message}`),
  });
  const save = (): void => {
    writeFileSync(`${stateFile}.part`, JSON.stringify(state));
    renameSync(`${stateFile}.part`, stateFile);
  };
  if (!existsSync(stateFile)) {
    await learn(world, { set, store, pseudonymiser, directory, bundle }, say);
    save();
  }
  return {
    set,
    store,
    pseudonymiser,
    prefix: state.prefix,
    directory,
    bundle,
    dayFromMs: world.liveFromMs + state.streamedDays * DAY_MS,
    dayDone() {
      state.streamedDays++;
      save();
    },
  };
}

interface Workshop {
  set: CompiledFeatureSet;
  store: OnlineStore;
  pseudonymiser: Pseudonymiser;
  directory: string;
  bundle: string;
}

async function learn(world: World, workshop: Workshop, say: (line: string) => void): Promise<void> {
  const { set, store, pseudonymiser, directory, bundle } = workshop;
  const startedAt = Date.now();
  say(`replaying about ${world.payments.toLocaleString('en')} payments through the online windows`);
  const onProgress = ({ payments }: ReplayReport): void => {
    const share = Math.min(99, Math.round((100 * payments) / world.payments));
    say(`  ${share} %  ${Math.round((payments * 1000) / (Date.now() - startedAt)).toLocaleString('en')} payments/s`);
  };
  const data = join(directory, 'training-set');
  let report: ReplayReport = { payments: 0, frauds: 0, outcomes: 0 };
  const scenarios: Scenarios = new Map();
  const manifest = await localTrainingSet({
    set: world.set,
    directory: data,
    scenarios,
    fromMs: world.trainFromMs,
    toMs: world.liveFromMs,
    labelDelayMs: world.labelDelayMs,
    load: async (loader) => {
      report = await replay(noted(upTo(world.events(), world.liveFromMs), scenarios), {
        set,
        store,
        pseudonymiser,
        loader,
        onProgress,
      });
      say('computing the same features offline, by DuckDB, for the training set');
    },
    onProgress: tenths(say),
  });
  say(
    `  ${report.payments.toLocaleString('en')} payments, ${report.frauds} frauds, of which ${manifest.frauds} became known in the ${manifest.rows.toLocaleString('en')} training rows`,
  );
  await train(data, bundle, { model: `${world.name}-fraud` });
}

/** A line for each tenth that is done, however often it is asked. */
function tenths(say: (line: string) => void): (share: number) => void {
  let told = 0;
  return (share) => {
    const tenth = Math.floor(10 * share);
    if (tenth > told) say(`  ${10 * tenth} %`);
    told = Math.max(told, tenth);
  };
}

async function* upTo(
  events: Iterable<SimulatedEvent> | AsyncIterable<SimulatedEvent>,
  endMs: number,
): AsyncGenerator<SimulatedEvent> {
  for await (const event of events) {
    if (event.atMs >= endMs) return;
    yield event;
  }
}

export interface Day {
  events: SimulatedEvent[];
  /** Payments from before this day that have an outcome on it. */
  earlier: Map<string, PseudonymousPayment>;
}

/** The events of one day; the stream is run from its start, since a simulated world cannot be entered in the middle. */
export async function eventsOfDay(world: World, fromMs: number, pseudonymiser: Pseudonymiser): Promise<Day> {
  const events: SimulatedEvent[] = [];
  const contested = new Map<string, Extract<SimulatedEvent, { kind: 'payment' }>['payment']>();
  const earlier = new Map<string, PseudonymousPayment>();
  for await (const event of world.events()) {
    if (event.atMs >= fromMs + DAY_MS) break;
    if (event.atMs >= fromMs) events.push(event);
    else if (event.kind === 'payment' && event.outcomes.length > 0)
      contested.set(event.payment.endToEndId, event.payment);
  }
  for (const event of events) {
    if (event.kind !== 'outcome') continue;
    const payment = contested.get(event.outcome.endToEndId);
    if (payment) earlier.set(event.outcome.endToEndId, pseudonymiser.payment(paymentSchema.parse(payment)));
  }
  return { events, earlier };
}
