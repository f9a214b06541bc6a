import { randomUUID } from 'node:crypto';
import type { ModelChange } from '@vigia/contracts';
import type { JobView } from '@vigia/platform';
import { CommandError, EXIT, type ServiceClient, type ServiceName } from './client.js';
import { follow, lineOf } from './follow.js';
import { minuteText, numberText, tableOf } from './table.js';
import {
  comparisonText,
  decidedText,
  verdictText,
  type Decided,
  type LiveComparison,
  type TrainResult,
  type Verdict,
  type Version,
} from './texts.js';

/** What the command line was given besides the command. */
export interface Arguments {
  positionals: string[];
  model: string;
  trainingSet: string | undefined;
  set: string[];
  by: string | undefined;
  reason: string | undefined;
  override: boolean;
  evaluate: boolean;
  detach: boolean;
  cancel: boolean;
  log: boolean;
  key: string | undefined;
  policy: string;
  settings: string | undefined;
  from: string | undefined;
  to: string | undefined;
  against: string | undefined;
  fromVersion: string | undefined;
}

/** What a command answers: for programs, and for people. */
export interface Output {
  json: unknown;
  text: string;
}

export interface Command {
  usage: string;
  summary: string;
  /** Whom it calls; the training worker unless told. */
  service?: ServiceName;
  run: (client: ServiceClient, given: Arguments) => Promise<Output>;
}

export const COMMANDS: Record<string, Command> = {
  train: {
    usage: 'train --training-set NAME [--set name=value ...] [--no-evaluate] [--detach] [--key KEY]',
    summary: 'Trains and registers a version, then holds it against the gate.',
    run: async (client, given) => {
      const body = {
        model: given.model,
        trainingSet: required(given.trainingSet, '--training-set NAME'),
        parameters: Object.fromEntries(given.set.map(assignment)),
        evaluate: given.evaluate,
      };
      const job = await client.post('/v1/training-jobs', body, given.key ?? randomUUID());
      if (given.detach) return { json: job, text: `job ${job.id}: npm run vigia -- jobs ${job.id}` };
      const trained = (await follow(client, job, process.stderr)).result as TrainResult;
      const text = `Version ${trained.version} (${trained.bundleVersion}) of ${trained.model} is registered.`;
      if (trained.evaluation === null) return { json: trained, text };
      const evaluation = await client.get<JobView>(`/v1/jobs/evaluate/${trained.evaluation}`);
      const verdict = (await follow(client, evaluation, process.stderr)).result as Verdict;
      return { json: { ...trained, gate: verdict }, text: `${text}\n${verdictText(verdict)}` };
    },
  },
  jobs: {
    usage: 'jobs [ID [--log | --cancel]]',
    summary: 'Lists trainings; or shows one, its log, or cancels it.',
    run: async (client, { positionals: [id], log, cancel }) => {
      if (id === undefined) return jobsOutput((await client.get<{ jobs: JobView[] }>('/v1/training-jobs')).jobs);
      const path = `/v1/training-jobs/${encodeURIComponent(id)}`;
      if (log) {
        const text = await client.text(`${path}/log`);
        return { json: { log: text }, text: text.trimEnd() };
      }
      const job = cancel ? await client.delete(path) : await client.get<JobView>(path);
      const more = job.problem?.detail ?? (job.result === null ? '' : JSON.stringify(job.result, null, 2));
      return { json: job, text: [lineOf(job), more].filter(Boolean).join('\n') };
    },
  },
  list: {
    usage: 'list',
    summary: 'Lists the registered versions, newest first.',
    run: async (client, { model }) => {
      const { versions } = await client.get<{ versions: Version[] }>(`${pathOf(model)}/versions`);
      const rows = versions.map((each) => [
        each.version,
        each.bundleVersion,
        each.gate,
        each.aliases.join(', '),
        minuteText(each.createdAt),
      ]);
      return { json: versions, text: tableOf(['version', 'bundle', 'gate', 'alias', 'made (UTC)'], rows) };
    },
  },
  compare: {
    usage: 'compare [VERSION VERSION]',
    summary: 'Champion against challenger on live payments; or two versions by what was measured in training.',
    run: async (client, { model, positionals }) => {
      if (positionals.length > 0) return versionsOutput(client, model, positionals);
      const comparison = await client.get<LiveComparison>(`${pathOf(model)}/comparison`);
      return { json: comparison, text: comparisonText(comparison) };
    },
  },
  evaluate: {
    usage: 'evaluate VERSION',
    summary: 'Holds a version against the gate; what passes becomes the challenger.',
    run: async (client, { model, positionals: [version], key }) => {
      const path = `${pathOf(model)}/versions/${required(version, 'VERSION')}/evaluate`;
      const verdict = (await follow(client, await client.post(path, {}, key ?? randomUUID()), process.stderr))
        .result as Verdict;
      return { json: verdict, text: verdictText(verdict) };
    },
  },
  promote: {
    usage: 'promote VERSION --by NAME --reason TEXT [--override]',
    summary: 'Makes a version the champion. --override sets gate and shadow time aside, on record.',
    run: async (client, given) => {
      const path = `${pathOf(given.model)}/versions/${required(given.positionals[0], 'VERSION')}/promote`;
      return changeOutput(client, path, { ...personOf(given), override: given.override }, given.key);
    },
  },
  rollback: {
    usage: 'rollback --by NAME --reason TEXT',
    summary: 'Makes the champion before this one the champion again.',
    run: (client, given) => changeOutput(client, `${pathOf(given.model)}/rollback`, personOf(given), given.key),
  },
  history: {
    usage: 'history',
    summary: 'What was live when, who changed it and why.',
    run: async (client, { model }) => {
      const { changes } = await client.get<{ changes: ModelChange[] }>(`${pathOf(model)}/history`);
      const rows = changes.map((each) => [
        minuteText(each.changedAt),
        each.kind,
        `${each.from?.version ?? 'none'} -> ${each.to.version}`,
        each.by,
        each.reason,
        each.overridden.join(' '),
      ]);
      return { json: changes, text: tableOf(['when (UTC)', 'what', 'version', 'by', 'why', 'set aside'], rows) };
    },
  },
  explain: {
    usage: 'explain ENDTOENDID',
    summary: 'Which model decided a payment, and the change by which it was live.',
    run: async (client, { positionals: [endToEndId] }) => {
      const path = `/v1/payments/${encodeURIComponent(required(endToEndId, 'ENDTOENDID'))}/model`;
      const found = await client.get<Decided>(path);
      return { json: found, text: decidedText(found) };
    },
  },
};

const pathOf = (model: string): string => `/v1/models/${encodeURIComponent(model)}`;

export function required(value: string | undefined, name: string): string {
  if (value !== undefined) return value;
  throw new CommandError(`${name} is missing; see --help.`, EXIT.badInput);
}

export function personOf({ by, reason }: Arguments): { by: string; reason: string } {
  return { by: required(by, '--by NAME'), reason: required(reason, '--reason TEXT') };
}

/** `trees=400` with its value as a number or a truth value where it looks like one. */
function assignment(text: string): [string, string | number | boolean] {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new CommandError(`--set ${text} is not of the form name=value.`, EXIT.badInput);
  }
  if (value === 'true' || value === 'false') return [name, value === 'true'];
  return [name, value.trim() !== '' && Number.isFinite(Number(value)) ? Number(value) : value];
}

async function changeOutput(
  client: ServiceClient,
  path: string,
  body: object,
  key: string | undefined,
): Promise<Output> {
  const job = await follow(client, await client.post(path, body, key ?? randomUUID()), process.stderr);
  const change = job.result as ModelChange;
  const before = change.from === null ? '' : ` in place of ${change.from.version}`;
  const lines = [
    `Version ${change.to.version} is the champion of ${change.model}${before}.`,
    ...change.overridden.map((objection) => `Set aside, on record: ${objection}`),
  ];
  return { json: change, text: lines.join('\n') };
}

function jobsOutput(jobs: JobView[]): Output {
  const rows = jobs.map((job) => [
    job.id,
    job.state,
    (job.payload as { trainingSet: string }).trainingSet,
    (job.result as TrainResult | null)?.version ?? '-',
    minuteText(job.addedAt),
    job.problem?.detail ?? (job.state === 'active' ? lineOf(job) : ''),
  ]);
  return { json: jobs, text: tableOf(['job', 'state', 'training set', 'version', 'added (UTC)', ''], rows) };
}

async function versionsOutput(client: ServiceClient, model: string, wanted: string[]): Promise<Output> {
  const versions: Version[] = [];
  for (const each of wanted) {
    versions.push(await client.get(`${pathOf(model)}/versions/${encodeURIComponent(each)}`));
  }
  const names = (pick: (version: Version) => object): string[] => [
    ...new Set(versions.flatMap((each) => Object.keys(pick(each)))),
  ];
  const rows = [
    ['bundle', ...versions.map(({ bundleVersion }) => bundleVersion)],
    ['gate', ...versions.map(({ gate }) => gate)],
    ['algorithm', ...versions.map(({ bundle }) => bundle.algorithm)],
    ...names(({ bundle }) => bundle.metrics).map((name) => [
      name,
      ...versions.map(({ bundle }) => numberText(bundle.metrics[name])),
    ]),
    ...names(({ bundle }) => bundle.parameters)
      .filter((name) => new Set(versions.map(({ bundle }) => bundle.parameters[name])).size > 1)
      .map((name) => [name, ...versions.map(({ bundle }) => String(bundle.parameters[name] ?? '-'))]),
  ];
  return { json: versions, text: tableOf(['', ...versions.map(({ version }) => `version ${version}`)], rows) };
}
