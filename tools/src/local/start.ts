import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { WORKSPACE, startStack, type MlflowStack, type RunningApp } from '../stack.js';
import { EXTRAS, type RunningExtra } from './extras.js';
import { APPS, DEFAULT_PORTS, freePorts, startServices } from './services.js';
import { simulateLedger } from './simulated-ledger.js';

const HELP = `npm run stack [-- options]
  --with A,B            besides the services: ${Object.keys(EXTRAS).join(', ')}
  --directory DIR       data, secrets and logs, default .vigia/stack
  --simulate DAYS       fill an empty ledger with so many simulated days until now
  --payments-per-day N  of the simulated world, default 1000
  --fraud-share X       of the simulated world, default 0.02
  --any-port            take free ports instead of the usual ones
Ends with Ctrl-C. DIR/stack.json holds the addresses and an API key.`;

interface Options {
  extras: string[];
  directory: string;
  simulate: { days: number; paymentsPerDay: number; fraudShare: number } | null;
  anyPort: boolean;
}

function optionsFrom(argv: string[]): Options {
  const { values } = parseArgs({
    args: argv,
    options: {
      with: { type: 'string', default: '' },
      directory: { type: 'string', default: join(WORKSPACE, '.vigia/stack') },
      simulate: { type: 'string' },
      'payments-per-day': { type: 'string', default: '1000' },
      'fraud-share': { type: 'string', default: '0.02' },
      'any-port': { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    process.exit(0);
  }
  const extras = values.with.split(',').filter((name) => name !== '');
  const unknown = extras.filter((name) => !Object.hasOwn(EXTRAS, name));
  if (unknown.length > 0) {
    throw new Error(`--with knows ${Object.keys(EXTRAS).join(', ')}, and not ${unknown.join(', ')}`);
  }
  const number = (name: 'simulate' | 'payments-per-day' | 'fraud-share', least: number, most: number): number => {
    const value = Number(values[name]);
    if (value >= least && value <= most) return value;
    throw new Error(`--${name} must be a number from ${least} to ${most}`);
  };
  return {
    extras,
    directory: resolve(values.directory),
    simulate:
      values.simulate === undefined
        ? null
        : {
            days: number('simulate', 1, 365),
            paymentsPerDay: number('payments-per-day', 1, 100_000),
            fraudShare: number('fraud-share', 0, 1),
          },
    anyPort: values['any-port'],
  };
}

/** `npm run stack`: servers, services and what `--with` names, until a signal ends them all. */
async function main(): Promise<void> {
  const options = optionsFrom(process.argv.slice(2));
  const startedAt = Date.now();
  const say = (line: string): void =>
    console.log(`[${((Date.now() - startedAt) / 1000).toFixed(0).padStart(4)} s] ${line}`);
  const apps: RunningApp[] = [];
  const extras: RunningExtra[] = [];
  let stack: MlflowStack | undefined;
  const stopAll = async (): Promise<void> => {
    for (const each of [...extras.toReversed(), ...apps.toReversed()]) await each.stop();
    await stack?.stop();
  };
  const stopped = new Promise<void>((settle) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => settle());
  });
  try {
    say('starting PostgreSQL, Valkey and MLflow');
    stack = await startStack(options.directory, { mlflow: true });
    if (options.simulate) {
      say(`filling the ledger with ${options.simulate.days} simulated days`);
      const payments = await simulateLedger(stack.databaseUrl, { ...options.simulate, nowMs: Date.now() });
      say(payments === 0 ? 'the ledger has payments already' : `${payments} payments are in the ledger`);
    }
    const ports = options.anyPort ? await freePorts() : DEFAULT_PORTS;
    for (const name of options.extras) {
      say(`starting ${name}`);
      extras.push(await EXTRAS[name]!({ stack, ports, anyPort: options.anyPort }));
    }
    say(`starting ${APPS.join(', ')}`);
    await startServices(stack, ports, apps, settingsOf(extras));
    const addresses: Record<string, string> = {
      ...Object.fromEntries(APPS.map((name) => [name, `http://127.0.0.1:${ports[name]}`])),
      mlflow: stack.mlflowUrl,
      ...Object.assign({}, ...extras.map((extra) => extra.addresses)),
    };
    const file = join(options.directory, 'stack.json');
    const { databaseUrl, redisUrl, key } = stack;
    writeFileSync(file, JSON.stringify({ addresses, databaseUrl, redisUrl, key }, null, 2), { mode: 0o600 });
    for (const [name, address] of Object.entries(addresses)) console.log(`  ${name.padEnd(16)} ${address}`);
    say(`up; addresses and an API key stand in ${file}; Ctrl-C ends all`);
    await stopped;
    say('ending');
  } finally {
    await stopAll();
  }
}

function settingsOf(extras: RunningExtra[]): NonNullable<RunningExtra['settings']> {
  const settings: NonNullable<RunningExtra['settings']> = {};
  for (const extra of extras) {
    for (const name of APPS) settings[name] = { ...settings[name], ...extra.settings?.[name] };
  }
  return settings;
}

main().catch((error: unknown) => {
  console.error(`stack: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
});
