// The handbook set by DuckDB in a process of its own, so that its peak memory is its own.
import { tmpdir } from 'node:os';
import { HANDBOOK } from '@vigia/features';
import { OfflineStore } from '@vigia/offline-store';
import { round } from './report.js';

/** PAYMENTS LABELS OUT (Parquet) MEMORY_LIMIT_MB: from files to a file, as the pandas reference is timed. */
async function main([payments, labels, out, memoryLimitMb]: string[]): Promise<void> {
  const startedMs = performance.now();
  const secondsSince = (ms: number): number => round((performance.now() - ms) / 1000);
  const limits = { memoryLimitMb: Number(memoryLimitMb), threads: 2, temporaryDirectory: tmpdir() };
  const store = await OfflineStore.open(limits);
  try {
    await store.importParquet(HANDBOOK, { payments: payments!, labels: labels! });
    const importedMs = performance.now();
    await store.compute(HANDBOOK);
    const compute_seconds = secondsSince(importedMs);
    await store.run(`COPY features TO '${out!}' (FORMAT parquet)`);
    const peak_mb = round(process.resourceUsage().maxRSS / 1024, 0);
    console.log(JSON.stringify({ seconds: secondsSince(startedMs), compute_seconds, peak_mb }));
  } finally {
    store.close();
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
