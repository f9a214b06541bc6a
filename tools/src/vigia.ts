import { parseArgs } from 'node:util';
import { CommandError, EXIT, WorkerClient } from './vigia/client.js';
import { COMMANDS, type Arguments } from './vigia/commands.js';

const HELP = `npm run vigia -- COMMAND [--model NAME] [--json]

${Object.values(COMMANDS)
  .map(({ usage, summary }) => `  ${usage}\n      ${summary}`)
  .join('\n')}

  --model NAME   registered model, default pix-fraud
  --json         one JSON value on standard output; progress goes to standard error
  --key KEY      Idempotency-Key: the same command with the same key is done once

Environment: VIGIA_URL (training worker, default http://127.0.0.1:3004), VIGIA_API_KEY (scopes read and admin).
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
  const [name, ...rest] = positionals;
  if (values.help || name === undefined) return console.log(HELP);
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) throw new CommandError(`There is no command ${name}; see --help.`, EXIT.badInput);
  const url = process.env['VIGIA_URL'] ?? 'http://127.0.0.1:3004';
  const client = new WorkerClient(url, process.env['VIGIA_API_KEY'] ?? '');
  const given: Arguments = {
    ...values,
    positionals: rest,
    trainingSet: values['training-set'],
    evaluate: !values['no-evaluate'],
    by: values.by,
    reason: values.reason,
    key: values.key,
  };
  const { json, text } = await command.run(client, given);
  console.log(values.json ? JSON.stringify(json) : text);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof CommandError ? `vigia: ${error.message}` : error);
  process.exitCode = error instanceof CommandError ? error.exitCode : EXIT.failed;
});
