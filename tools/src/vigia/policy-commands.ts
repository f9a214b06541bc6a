import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { PolicyChange } from '@vigia/contracts';
import type { PolicyVersionSummary } from '@vigia/ledger';
import type { JobView } from '@vigia/platform';
import { PolicyEngine, policySettings } from '@vigia/policy';
import { CommandError, EXIT } from './client.js';
import { personOf, required, type Arguments, type Command, type Output } from './commands.js';
import { follow } from './follow.js';
import { reportText, type PolicyReport } from './policy-report-text.js';
import { minuteText, tableOf } from './table.js';

interface Checked {
  policy: string;
  version: string;
  rules: Record<string, unknown>;
}

/** Commands on policies; all but `check` call monitoring. */
export const POLICY_COMMANDS: Record<string, Command> = {
  'policy check': {
    usage: 'policy check FILE.json [--settings FILE.json]',
    summary: 'Compiles a policy and tries it on payments of every kind; asks no server.',
    run: async (_client, given) => {
      const { graph, settings } = await contentOf(given);
      const parsed = policySettings.safeParse(settings);
      if (!parsed.success)
        throw refused(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`));
      const engine = await PolicyEngine.of({ name: given.policy, graph, settings: parsed.data }).catch(
        (error: unknown) => {
          throw refused([error instanceof Error ? error.message : String(error)]);
        },
      );
      const { name: policy, version, ruleTexts: rules } = engine;
      return checkedOutput({ policy, version, rules }, 'can be used');
    },
  },
  'policy draft': {
    usage: 'policy draft FILE.json [--settings FILE.json] --by NAME --reason TEXT',
    summary: 'Keeps a policy in the ledger as a version that may be back-tested and published.',
    service: 'monitoring',
    run: async (client, given) => {
      const body = { ...(await contentOf(given)), ...personOf(given) };
      return checkedOutput(await client.post<Checked>(`${pathOf(given)}/versions`, body), 'is drafted');
    },
  },
  'policy list': {
    usage: 'policy list',
    summary: 'Lists versions, newest first: drafts, and what services decide by from a file.',
    service: 'monitoring',
    run: async (client, given) => {
      const { versions } = await client.get<{ versions: PolicyVersionSummary[] }>(`${pathOf(given)}/versions`);
      const named = await client.get<{ live: string | null; shadow: string | null }>(pathOf(given));
      const roleOf = (version: string): string =>
        [version === named.live ? 'published' : '', version === named.shadow ? 'shadow' : '']
          .filter(Boolean)
          .join(', ');
      const rows = versions.map(({ version, origin, by, reason, madeAt }) => [
        version,
        origin,
        roleOf(version),
        minuteText(madeAt),
        by,
        reason,
      ]);
      return { json: versions, text: tableOf(['version', 'from', 'role', 'made (UTC)', 'by', 'why'], rows) };
    },
  },
  'policy back-test': {
    usage: 'policy back-test VERSION --from DAY --to DAY [--against VERSION] [--set reviewCostCents=1500 ...]',
    summary: 'Decides a range of history anew by a version and by the live one, and compares.',
    service: 'monitoring',
    run: async (client, given) => {
      const body = {
        policy: given.policy,
        version: versionOf(given),
        ...rangeOf(given),
        ...(given.against === undefined ? {} : { against: given.against }),
        ...Object.fromEntries(given.set.map(costOf)),
      };
      const job = await client.post<JobView>('/v1/back-tests', body, given.key ?? randomUUID());
      const done = await follow(client, job, process.stderr, `/v1/back-tests/${job.id}`);
      return { json: done.result, text: reportText(done.result as PolicyReport) };
    },
  },
  'policy shadow': {
    usage: 'policy shadow VERSION|none --by NAME --reason TEXT',
    summary: 'Has a version decide in shadow, after the answer; or none.',
    service: 'monitoring',
    run: async (client, given) => {
      const version = versionOf(given);
      const body = { version: version === 'none' ? null : version, ...personOf(given) };
      return changeOutput(await client.post<PolicyChange>(`${pathOf(given)}/shadow`, body));
    },
  },
  'policy compare': {
    usage: 'policy compare VERSION --from DAY --to DAY',
    summary: 'What a version decided in shadow beside what was decided.',
    service: 'monitoring',
    run: async (client, given) => {
      const question = new URLSearchParams({ version: versionOf(given), ...rangeOf(given) });
      const report = await client.get<PolicyReport>(`${pathOf(given)}/shadow-comparison?${question.toString()}`);
      return { json: report, text: reportText(report) };
    },
  },
  'policy publish': {
    usage: 'policy publish VERSION --by NAME --reason TEXT [--from-version VERSION|none] [--override]',
    summary: 'Has a version decide; an earlier one to roll back. --override: without a back-test, on record.',
    service: 'monitoring',
    run: async (client, given) => {
      const { fromVersion: from, override } = given;
      const believed = from === undefined ? {} : { from: from === 'none' ? null : from };
      const body = { ...personOf(given), ...believed, override };
      const path = `${pathOf(given)}/versions/${encodeURIComponent(versionOf(given))}/publish`;
      return changeOutput(await client.post<PolicyChange>(path, body));
    },
  },
  'policy history': {
    usage: 'policy history',
    summary: 'What decided when, who changed it and why.',
    service: 'monitoring',
    run: async (client, given) => {
      const { changes } = await client.get<{ changes: PolicyChange[] }>(`${pathOf(given)}/history`);
      const rows = changes.map((each) => [
        minuteText(each.changedAt),
        each.kind,
        `${each.from ?? 'none'} -> ${each.to ?? 'none'}`,
        each.by,
        each.reason,
        each.overridden.join(' '),
      ]);
      return { json: changes, text: tableOf(['when (UTC)', 'what', 'version', 'by', 'why', 'set aside'], rows) };
    },
  },
};

const pathOf = ({ policy }: Arguments): string => `/v1/policies/${encodeURIComponent(policy)}`;
const versionOf = ({ positionals: [version] }: Arguments): string => required(version, 'VERSION');

async function contentOf({ positionals: [file], settings }: Arguments): Promise<{ graph: unknown; settings: unknown }> {
  return {
    graph: await jsonIn(required(file, 'FILE.json')),
    settings: settings === undefined ? {} : await jsonIn(settings),
  };
}

async function jsonIn(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new CommandError(`${file} cannot be read as JSON: ${(error as Error).message}`, EXIT.badInput);
  }
}

function rangeOf({ from, to }: Arguments): { from: string; to: string } {
  return { from: instantOf(required(from, '--from DAY')), to: instantOf(required(to, '--to DAY')) };
}

/** A day is its beginning in Brasília; an instant is itself. */
function instantOf(text: string): string {
  const instant = new Date(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00-03:00` : text);
  if (Number.isNaN(instant.getTime())) {
    throw new CommandError(`${text} is no day as 2026-11-27 and no instant.`, EXIT.badInput);
  }
  return instant.toISOString();
}

function costOf(text: string): [string, number] {
  const [, name, value] = /^(\w+)=(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  if (name === undefined) throw new CommandError(`--set ${text} is not of the form name=number.`, EXIT.badInput);
  return [name, Number(value)];
}

const refused = (problems: string[]): CommandError => new CommandError(problems.join('\n'), EXIT.refused);

function checkedOutput(checked: Checked, what: string): Output {
  const rules = Object.keys(checked.rules).length;
  return { json: checked, text: `Version ${checked.version} of ${checked.policy} ${what}: ${rules} rules.` };
}

function changeOutput(change: PolicyChange): Output {
  const decides = change.kind === 'publish' ? 'decides' : 'decides in shadow';
  const text = `${change.to === null ? 'No version' : `Version ${change.to}`} of ${change.policy} ${decides}; before: ${change.from ?? 'none'}.`;
  return { json: change, text: [text, ...change.overridden.map((each) => `Set aside, on record: ${each}`)].join('\n') };
}
