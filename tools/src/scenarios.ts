import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OfflineStore } from '@vigia/offline-store';
import type { SimulatedEvent } from '@vigia/simulator';

/** What happened in a simulated world, by EndToEndId: the fraud's typology, or what only looks like fraud. */
export type Scenarios = Map<string, string>;

/** Passes `events` on, and adds to `scenarios` those that are more than everyday payments. */
export async function* noted(
  events: Iterable<SimulatedEvent> | AsyncIterable<SimulatedEvent>,
  scenarios: Scenarios,
): AsyncGenerator<SimulatedEvent> {
  for await (const event of events) {
    if (event.kind === 'payment') {
      const name = event.truth.scenario ?? event.truth.lookAlike;
      if (name !== null) scenarios.set(event.payment.endToEndId, name);
    }
    yield event;
  }
}

/**
 * Puts `scenarios.parquet` (`end_to_end_id`, `scenario`) beside the rows of a training set. Evaluation tells its
 * segments by it; no model sees it.
 */
export async function writeScenarios(store: OfflineStore, directory: string, scenarios: Scenarios): Promise<void> {
  const lines = join(directory, 'scenarios.ndjson');
  const rows = [...scenarios].map(([end_to_end_id, scenario]) => `${JSON.stringify({ end_to_end_id, scenario })}\n`);
  writeFileSync(lines, rows.join(''));
  const quoted = (path: string): string => `'${path.replaceAll("'", "''")}'`;
  await store.run(
    `COPY (SELECT * FROM read_json(${quoted(lines)}, format = 'newline_delimited',
      columns = {end_to_end_id: 'VARCHAR', scenario: 'VARCHAR'}))
    TO ${quoted(join(directory, 'scenarios.parquet'))} (FORMAT parquet, COMPRESSION zstd)`,
  );
  rmSync(lines);
}
