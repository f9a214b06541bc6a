// The handbook set by DuckDB in a process of its own, so that its peak memory is its own.
import { tmpdir } from 'node:os';
import { HANDBOOK, featureSql } from '@vigia/features';
import { OfflineStore } from '@vigia/offline-store';
import { round } from './report.js';

/** PAYMENTS LABELS OUT (Parquet) MEMORY_LIMIT_MB: from files to a file, as the pandas reference is timed. */
async function main([payments, labels, out, memoryLimitMb]: string[]): Promise<void> {
  const startedMs = performance.now();
  const limits = { memoryLimitMb: Number(memoryLimitMb), threads: 2, temporaryDirectory: tmpdir() };
  const store = await OfflineStore.open(limits);
  try {
    await store.run(`CREATE VIEW payments AS FROM '${payments!}'`);
    await store.run(`CREATE VIEW labels AS FROM '${labels!}'`);
    await store.run(`COPY (${featureSql(HANDBOOK, 'duckdb')}) TO '${out!}' (FORMAT parquet)`);
    const seconds = round((performance.now() - startedMs) / 1000);
    const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
    const cpu_seconds = round((userCPUTime + systemCPUTime) / 1e6);
    console.log(JSON.stringify({ seconds, cpu_seconds, peak_mb: round(maxRSS / 1024, 0) }));
  } finally {
    store.close();
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
