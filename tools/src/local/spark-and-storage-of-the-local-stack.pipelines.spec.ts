import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WORKSPACE } from '../stack.js';
import type { LocalSite } from './extras.js';
import { startLocalS3 } from './s3.js';
import { startSpark } from './spark.js';

jest.setTimeout(600_000);

let directory: string;
let site: LocalSite;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'vigia-local-'));
  site = { stack: { directory, key: 'key-of-the-stack' }, anyPort: true } as LocalSite;
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test('a job runs on the workers of the local Spark', async () => {
  const spark = await startSpark(site);
  try {
    const { SPARK_MASTER: master } = spark.settings!['training-worker']!;
    const program = `
from vigia.mllib.session import training_spark
with training_spark("${master}", 1024, {"spark.driver.host": "127.0.0.1", "spark.executor.memory": "512m"}) as spark:
    print(spark.range(1000).repartition(3).count(), spark.sparkContext.master)`;
    const python = join(WORKSPACE, 'pipelines/.venv/bin/python');
    expect(execFileSync(python, ['-c', program], { encoding: 'utf8' })).toContain(`1000 ${master}`);
  } finally {
    await spark.stop();
  }
});

test('the storage wants signatures, and keeps its objects over a restart', async () => {
  const program = (verb: string): string => `
from botocore.session import get_session
s3 = get_session().create_client("s3", region_name="us-east-1")
${verb}`;
  for (const verb of [
    's3.put_object(Bucket="vigia", Key="a/b", Body=b"kept")',
    'assert s3.get_object(Bucket="vigia", Key="a/b")["Body"].read() == b"kept"',
  ]) {
    const storage = await startLocalS3(site);
    try {
      const url = storage.addresses['s3 (AWS_ENDPOINT_URL_S3)']!;
      expect((await fetch(`${url}/vigia/a/b`)).status).toBe(403);
      const env = {
        ...process.env,
        AWS_ENDPOINT_URL_S3: url,
        AWS_ACCESS_KEY_ID: 'vigia',
        AWS_SECRET_ACCESS_KEY: site.stack.key,
      };
      execFileSync(join(WORKSPACE, 'pipelines/.venv/bin/python'), ['-c', program(verb)], { env });
    } finally {
      await storage.stop();
    }
  }
});
