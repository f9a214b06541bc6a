import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TrainingSetManifest } from '@vigia/contracts';
import type { CompiledFeatureSet } from '@vigia/features';
import { parquetWriteFile } from 'hyparquet-writer';

interface TrainingRow {
  endToEndId: string;
  acceptedAtMs: number;
  amountCents: number;
  scenario: string;
  vector: Float32Array;
}

/** Rows as they were served, and the labels that became known: written as a training set (see libs/contracts). */
export class TrainingSetWriter {
  private readonly rows: TrainingRow[] = [];
  private readonly frauds = new Set<string>();

  constructor(private readonly set: Pick<CompiledFeatureSet, 'name' | 'hash' | 'features'>) {}

  add(row: TrainingRow): void {
    this.rows.push(row);
  }

  /** A label counts from the moment it is known; call this only for what is known at the cut-off. */
  label(endToEndId: string, fraud: boolean): void {
    if (fraud) this.frauds.add(endToEndId);
    else this.frauds.delete(endToEndId);
  }

  /** Writes rows.parquet, then manifest.json: a set without manifest is no set. */
  write(directory: string, labelCutOffMs: number, labelDelayMs: number): TrainingSetManifest {
    if (this.rows.length === 0) throw new Error('there are no rows to write a training set from');
    mkdirSync(directory, { recursive: true });
    const rows = [...this.rows].sort((a, b) => a.acceptedAtMs - b.acceptedAtMs);
    const labels = Int32Array.from(rows, ({ endToEndId }) => Number(this.frauds.has(endToEndId)));
    const filename = join(directory, 'rows.parquet');
    parquetWriteFile({
      filename,
      rowGroupSize: 50_000,
      statistics: false,
      columnData: [
        { name: 'end_to_end_id', data: rows.map((row) => row.endToEndId), type: 'STRING', nullable: false },
        {
          name: 'accepted_at_ms',
          data: Float64Array.from(rows, (row) => row.acceptedAtMs),
          type: 'DOUBLE',
          nullable: false,
        },
        {
          name: 'amount_cents',
          data: Float64Array.from(rows, (row) => row.amountCents),
          type: 'DOUBLE',
          nullable: false,
        },
        { name: 'label', data: labels, type: 'INT32', nullable: false },
        { name: 'scenario', data: rows.map((row) => row.scenario), type: 'STRING', nullable: false },
        ...this.set.features.map((name, index) => ({
          name,
          data: Float32Array.from(rows, (row) => row.vector[index]!),
          type: 'FLOAT' as const,
          nullable: false,
        })),
      ],
    });
    const manifest: TrainingSetManifest = {
      format: 1,
      featureSet: { name: this.set.name, hash: this.set.hash },
      features: this.set.features,
      fromMs: rows[0]!.acceptedAtMs,
      toMs: rows.at(-1)!.acceptedAtMs,
      labelCutOffMs,
      labelDelayMs,
      rows: rows.length,
      frauds: labels.reduce((total, label) => total + label, 0),
      rowsSha256: createHash('sha256').update(readFileSync(filename)).digest('hex'),
    };
    writeFileSync(join(directory, 'manifest.json.part'), JSON.stringify(manifest, null, 2));
    renameSync(join(directory, 'manifest.json.part'), join(directory, 'manifest.json'));
    return manifest;
  }
}
