import { join } from 'node:path';
import { freePort, startS3 } from '@vigia/testing';
import { program } from '../delivery/go-programs.js';
import type { LocalSite, RunningExtra } from './extras.js';

const PORT = 9000;
const BUCKET = 'vigia';

/** S3-compatible storage for a lake or DVC's remote; its secret is the API key of the stack. */
export async function startLocalS3({ stack, anyPort }: LocalSite): Promise<RunningExtra> {
  const server = await startS3({
    binary: program('versitygw'),
    buckets: [BUCKET],
    accessKeyId: 'vigia',
    secretAccessKey: stack.key,
    dataDirectory: join(stack.directory, 's3'),
    port: anyPort ? await freePort() : PORT,
  });
  return {
    addresses: {
      's3 (AWS_ENDPOINT_URL_S3)': server.url,
      's3 bucket': `s3a://${BUCKET}, AWS_ACCESS_KEY_ID=vigia, AWS_SECRET_ACCESS_KEY=the API key`,
    },
    stop: () => server.stop(),
  };
}
