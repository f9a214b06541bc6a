import type { Redis } from 'ioredis';
import { round } from './report.js';

/** What calls of the windows' function cost their server, each. */
export interface ServerCost {
  calls: number;
  /** Time within the function, µs, as `INFO commandstats` has it: what the machine does meanwhile is in it. */
  functionUs: number;
  /** Processor time of the server's main thread, µs: reading, the function, the log on disk, the reply. */
  processorUs: number;
}

/** Cost of the calls that `work` makes, when nobody else uses the server. */
export async function serverCost(redis: Redis, work: () => Promise<unknown>): Promise<ServerCost> {
  const before = await read(redis);
  await work();
  const after = await read(redis);
  const calls = after.calls - before.calls;
  return {
    calls,
    functionUs: round((after.functionUs - before.functionUs) / calls, 1),
    processorUs: round((after.processorUs - before.processorUs) / calls, 1),
  };
}

async function read(redis: Redis): Promise<ServerCost> {
  const [stats, cpu] = await Promise.all([redis.info('commandstats'), redis.info('cpu')]);
  const [, calls = 0, functionUs = 0] = /^cmdstat_fcall:calls=(\d+),usec=(\d+)/m.exec(stats) ?? [];
  const seconds = (kind: string): number =>
    Number(new RegExp(`^used_cpu_${kind}_main_thread:([\\d.]+)`, 'm').exec(cpu)?.[1]);
  const processorUs = (seconds('user') + seconds('sys')) * 1e6;
  return { calls: Number(calls), functionUs: Number(functionUs), processorUs };
}
