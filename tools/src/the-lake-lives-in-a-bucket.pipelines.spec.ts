import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pseudonymousPaymentBuilder, startS3, testPseudonym, type OwnedServer } from '@vigia/testing';
import { program } from './delivery/go-programs.js';
import { writeEventFiles, type LakeEvent } from './lake-events.js';
import { WORKSPACE } from './stack.js';

// Five starts of Spark, on a busy machine.
jest.setTimeout(1_800_000);

const LAKE = join(WORKSPACE, 'pipelines/.venv/bin/vigia-lake');
const JARS = join(WORKSPACE, '.vigia/jars');
const KEYS = { accessKeyId: 'lake', secretAccessKey: 'secret-of-the-test' };
const here =
  Boolean(process.env['MAVEN_REPOSITORY']) ||
  (existsSync(JARS) && readdirSync(JARS).some((name) => name.startsWith('hadoop-aws')));
if (!here) console.warn('no jars of S3 in .vigia/jars, and MAVEN_REPOSITORY names no repository to fetch them from');
const withJars = here ? test : test.skip;

let folder: string;
let storage: OwnedServer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'vigia-bucket-'));
  storage = await startS3({ binary: program('versitygw'), buckets: ['lake'], ...KEYS });
});
afterAll(async () => {
  await storage?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const environment = (over: Record<string, string> = {}): NodeJS.ProcessEnv => ({
  ...process.env,
  AWS_ENDPOINT_URL_S3: storage.url,
  AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
  JAVA_TOOL_OPTIONS: '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC',
  ...over,
});
const flags = (...further: string[]): string[] => [
  ...further,
  ...['--lake', 's3a://lake/pix', '--format', 'delta', '--features', 'handbook', '--source', `feed=${folder}/feed`],
  ...['--jars', JARS, '--threads', '1', '--memory-mb', '1024', '--json'],
];

function lake(args: string[], over: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(LAKE, args, { encoding: 'utf8', env: environment(over) });
  const last = stdout.trimEnd().split('\n').at(-1)!;
  return { status, stderr, result: (status === 0 ? JSON.parse(last) : {}) as Record<string, Record<string, number>> };
}

/** SIGKILL when the run says `at`. */
async function killedAt(at: string): Promise<void> {
  const child = spawn(LAKE, flags('all'), { env: environment(), stdio: ['ignore', 'pipe', 'ignore'], detached: true });
  const ended = new Promise((resolve) => child.once('close', resolve));
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.includes(at)) continue;
    process.kill(-child.pid!, 'SIGKILL');
    break;
  }
  await ended;
  expect(child.signalCode).toBe('SIGKILL');
}

withJars('a lake in a bucket: killed, gone on with, run again, a person erased', async () => {
  const payments = Array.from({ length: 12 }, (_, number): LakeEvent => {
    const acceptedAtMs = Date.UTC(2026, 10, 20 + (number % 3), 12, 0, number);
    const payer = { person: testPseudonym(number === 0 ? 'one' : 'another') };
    return {
      kind: 'payment',
      arrivedUs: acceptedAtMs * 1_000,
      payment: pseudonymousPaymentBuilder({ acceptedAtMs, payer }),
    };
  });
  payments.sort((left, right) => left.arrivedUs - right.arrivedUs);
  await writeEventFiles(payments, { folder: join(folder, 'feed'), nameOf: () => 'events' });

  await killedAt('rows in quarantine');
  const { status, stderr, result } = lake(flags('all'));
  expect([status, stderr]).toEqual([0, expect.anything()]);
  expect(result['rows']).toMatchObject({ bronze: 12, 'silver/payments': 12, 'gold/handbook': 12 });

  const again = lake(flags('all')).result;
  expect([again['bronze']!['rows'], again['silver']!['rows'], again['gold']!['vectors']]).toEqual([0, 0, 0]);

  const erased = lake(flags('erase', '--pseudonym', testPseudonym('one'))).result;
  expect(erased['erase']).toMatchObject({ bronze: 1, 'silver/payments': 1, 'gold/handbook': 1 });
});

withJars('what does not fit a bucket, or can not be reached, is said with the remedy', () => {
  expect(lake(['silver', '--lake', 's3a://lake/pix'])).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('--format delta') as string,
  });
  expect(lake(flags('silver'), { AWS_SECRET_ACCESS_KEY: 'wrong' })).toMatchObject({
    status: 4,
    stderr: expect.stringMatching(/can't be reached: .*see the bucket, AWS_ENDPOINT_URL_S3/s) as string,
  });
});
