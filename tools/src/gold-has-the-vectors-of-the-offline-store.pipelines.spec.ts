import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PIX, featureSql } from '@vigia/features';
import { OfflineStore } from '@vigia/offline-store';
import { simulateEvents } from '@vigia/simulator';
import { writeEventFiles, type LakeEvent } from './lake-events.js';
import { ofSimulation } from './lake-export.js';
import { WORKSPACE } from './stack.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'vigia-lake-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const nameOf = (firstUs: number, lastUs: number): string => `events-${firstUs}-${lastUs}`;

test('Gold of a simulated world has the vectors that the offline store computes, and Silver its rows', async () => {
  const world = { seed: 5, startMs: Date.UTC(2026, 8, 1, 3), days: 4, paymentsPerDay: 300, fraudShare: 0.02 };
  const events: LakeEvent[] = [];
  for await (const event of ofSimulation(simulateEvents(world))) events.push(event);
  await writeEventFiles(events, { folder: join(folder, 'feed'), nameOf, rowsPerFile: 500 });
  const flags = ['--lake', join(folder, 'lake'), '--source', `world=${join(folder, 'feed')}`, '--threads', '1'];
  execFileSync(join(WORKSPACE, 'pipelines/.venv/bin/vigia-lake'), ['all', ...flags], { stdio: 'pipe' });

  const store = await OfflineStore.open({ memoryLimitMb: 1_000, threads: 1, temporaryDirectory: folder });
  try {
    const loader = await store.load(PIX);
    for (const event of events) {
      if (event.kind === 'payment') loader.payment(event.payment, event.arrivedUs);
      else loader.label(event.endToEndId, event.fraud, event.arrivedUs);
    }
    loader.close();
    await store.run(`CREATE TABLE computed AS ${featureSql(PIX, 'duckdb')}`);
    const differs = PIX.features.map(({ name }) => `count(*) FILTER (d.${name} IS DISTINCT FROM g.${name})`);
    const [row] = await store.ask(`SELECT count(d.end_to_end_id), count(g.end_to_end_id), ${differs.join(', ')}
      FROM computed d FULL JOIN read_parquet(${filesOf('gold/pix')}) g ON g.end_to_end_id = d.end_to_end_id`);
    const payments = events.filter(({ kind }) => kind === 'payment').length;
    expect(row!.slice(0, 2).map(Number)).toEqual([payments, payments]);
    const different = PIX.features.filter((_, index) => Number(row![index + 2]) > 0).map(({ name }) => name);
    expect(different).toEqual([]);
    const [labels] = await store.ask(`SELECT count(*) FROM read_parquet(${filesOf('silver/labels')})`);
    expect(Number(labels![0])).toBe(events.length - payments);
  } finally {
    store.close();
  }
}, 600_000);

function filesOf(table: string): string {
  const root = join(folder, 'lake', table);
  const { files } = JSON.parse(readFileSync(join(root, '_table.json'), 'utf8')) as { files: Record<string, string[]> };
  return `[${Object.entries(files)
    .flatMap(([day, names]) => names.map((name) => `'${root}/day=${day}/${name}'`))
    .join(', ')}]`;
}
