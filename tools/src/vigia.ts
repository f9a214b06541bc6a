import { parseArgs } from 'node:util';
import { CommandError, EXIT, SERVICES, ServiceClient } from './vigia/client.js';
import { COMMANDS, type Arguments, type Command } from './vigia/commands.js';
import { POLICY_COMMANDS } from './vigia/policy-commands.js';

const ALL: Record<string, Command> = { ...COMMANDS, ...POLICY_COMMANDS };

const HELP = `npm run vigia -- COMMAND [--model NAME] [--json]

${Object.values(ALL)
  .map(({ usage, summary }) => `  ${usage}\n      ${summary}`)
  .join('\n')}

  --model NAME   registered model, default pix-fraud
  --policy NAME  policy, default pix
  --json         one JSON value on standard output; progress goes to standard error
  --key KEY      Idempotency-Key: the same command with the same key is done once

Environment: VIGIA_URL (training worker, default ${SERVICES.worker.url}), VIGIA_MONITORING_URL (monitoring, for
policies, default ${SERVICES.monitoring.url}), VIGIA_API_KEY (scopes read and admin).
Exit codes: 0 done, 1 a fault of ours, 2 bad input, 3 the job was refused or cancelled, 4 something does not answer.`;

const OPTIONS = {
  model: { type: 'string', default: 'pix-fraud' },
  'training-set': { type: 'string' },
  set: { type: 'string', multiple: true, default: [] as string[] },
  by: { type: 'string' },
  reason: { type: 'string' },
  override: { type: 'boolean', default: false },
  'no-evaluate': { type: 'boolean', default: false },
  detach: { type: 'boolean', default: false },
  cancel: { type: 'boolean', default: false },
  log: { type: 'boolean', default: false },
  key: { type: 'string' },
  policy: { type: 'string', default: 'pix' },
  settings: { type: 'string' },
  from: { type: 'string' },
  to: { type: 'string' },
  against: { type: 'string' },
  'from-version': { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

function parsed(argv: string[]) {
  try {
    return parseArgs({ args: argv, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new CommandError(`${(error as Error).message} See --help.`, EXIT.badInput);
  }
}

async function main(argv: string[]): Promise<void> {
  const { values, positionals } = parsed(argv);
  const words = positionals[0] === 'policy' ? 2 : 1;
  const name = positionals.slice(0, words).join(' ');
  if (values.help || name === '') return console.log(HELP);
  const command = Object.hasOwn(ALL, name) ? ALL[name] : undefined;
  if (!command) throw new CommandError(`There is no command ${name}; see --help.`, EXIT.badInput);
  const service = command.service ?? 'worker';
  const url = process.env[SERVICES[service].setting] ?? SERVICES[service].url;
  const client = new ServiceClient(service, url, process.env['VIGIA_API_KEY'] ?? '');
  const given: Arguments = {
    ...values,
    positionals: positionals.slice(words),
    trainingSet: values['training-set'],
    evaluate: !values['no-evaluate'],
    by: values.by,
    reason: values.reason,
    key: values.key,
    settings: values.settings,
    from: values.from,
    to: values.to,
    against: values.against,
    fromVersion: values['from-version'],
  };
  const { json, text } = await command.run(client, given);
  console.log(values.json ? JSON.stringify(json) : text);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof CommandError ? `vigia: ${error.message}` : error);
  process.exitCode = error instanceof CommandError ? error.exitCode : EXIT.failed;
});
