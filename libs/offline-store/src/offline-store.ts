import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { LABEL_COLUMNS, eventColumns, type EventColumn, type FeatureSet } from '@vigia/features';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { boundsOf, computeFeatures } from './computation.js';
import { EventLoader } from './event-loader.js';
import { faultOf } from './failure.js';
import { importParquet, type EventFiles } from './parquet-import.js';
import { quoted } from './quoted.js';

export interface Limits {
  /** DuckDB works within this; what does not fit is spilled to disk. */
  memoryLimitMb: number;
  threads: number;
  /** A database and spilled data lie in a fresh folder of it, which is gone after `close`. */
  temporaryDirectory: string;
  /** Spilled data may take no more than this. Default: what the disk has. */
  diskLimitMb?: number;
}

/** How a long step reports and is ended. */
export interface Step {
  /** 0 to 1, as far as the engine can tell. */
  onProgress?: (share: number) => void;
  signal?: AbortSignal;
}

export interface ComputedVector {
  endToEndId: string;
  arrival: number;
  /** float32 in the order of the set's features, NaN = missing. */
  values: Float32Array;
  /** By entity of the set; an entity that the payment lacks is absent. */
  entities: Record<string, { atMs: number; position: number }>;
}

const PROGRESS_MS = 500;

/**
 * The features of a history computed offline, by DuckDB in this process: the relations `payments` and `labels` of
 * libs/features, what their SQL answers, and the training set made of it. One user at a time.
 */
export class OfflineStore {
  private constructor(
    readonly connection: DuckDBConnection,
    private readonly instance: DuckDBInstance,
    private readonly folder: string,
  ) {}

  /** @throws {Fault} `storage_full`; nothing is left in the directory then */
  static async open(limits: Limits): Promise<OfflineStore> {
    let folder: string | undefined;
    let instance: DuckDBInstance | undefined;
    try {
      mkdirSync(limits.temporaryDirectory, { recursive: true });
      folder = mkdtempSync(join(limits.temporaryDirectory, 'offline-'));
      instance = await DuckDBInstance.create(join(folder, 'history.duckdb'), {
        memory_limit: `${limits.memoryLimitMb}MB`,
        threads: String(limits.threads),
        temp_directory: join(folder, 'spilled'),
      });
      const connection = await instance.connect();
      // Without these DuckDB keeps no progress to ask for.
      await connection.run('SET enable_progress_bar = true; SET enable_progress_bar_print = false');
      if (limits.diskLimitMb !== undefined) {
        // Among the settings above it would be stored and not obeyed (DuckDB 1.5).
        await connection.run(`SET max_temp_directory_size = '${limits.diskLimitMb}MB'`);
      }
      return new OfflineStore(connection, instance, folder);
    } catch (error) {
      instance?.closeSync();
      if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
      throw faultOf(error);
    }
  }

  close(): void {
    this.connection.closeSync();
    this.instance.closeSync();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Begins a new history of payments for this set; what was loaded before is dropped. */
  async load(set: FeatureSet): Promise<EventLoader> {
    await this.create('payments', eventColumns(set));
    await this.create('labels', LABEL_COLUMNS);
    return EventLoader.open(this.connection, set);
  }

  /**
   * Takes a history from Parquet files, in the place of what was loaded before, which stays where they are refused.
   * @throws {Fault} `schema_mismatch` naming the file and the columns; `not_found`; `outcome_before_payment`;
   * `invalid_request` where two payments have one id or one arrival
   */
  importParquet(set: FeatureSet, files: EventFiles, step: Step = {}): Promise<void> {
    return importParquet(this, set, files, step);
  }

  /** Writes the loaded history as Parquet, for an engine elsewhere. */
  async exportParquet(files: { payments: string; labels: string }): Promise<void> {
    for (const [name, file] of Object.entries(files)) {
      await this.run(`COPY ${name} TO ${quoted(file)} (FORMAT parquet, COMPRESSION zstd)`);
    }
  }

  /**
   * Computes the features of every payment that was loaded, each as of its moment, into the table `features`.
   * @throws {Error} where two payments have the same arrival: neither would come before the other
   */
  async compute(set: FeatureSet, step: Step = {}): Promise<void> {
    const [counts] = await this.ask('SELECT count(*), count(DISTINCT arrival) FROM payments');
    if (counts![0] !== counts![1]) throw new Error('two payments have the same arrival; each needs one of its own');
    await computeFeatures(this, set, step);
  }

  /** What was computed, from this arrival on, in the order of arrival. */
  async *vectors(set: FeatureSet, fromArrival = 0): AsyncGenerator<ComputedVector> {
    const names = set.entities.map(({ name }) => name);
    const first = 2 + 2 * names.length;
    for await (const row of this.featureRows(fromArrival)) {
      const entities: ComputedVector['entities'] = {};
      names.forEach((name, index) => {
        const [atMs, position] = [row[2 + 2 * index], row[3 + 2 * index]];
        if (atMs !== null) entities[name] = { atMs: Number(atMs), position: Number(position) };
      });
      yield {
        arrival: Number(row[0]),
        endToEndId: String(row[1]),
        values: Float32Array.from(row.slice(first), (value) => (value === null ? NaN : Number(value))),
        entities,
      };
    }
  }

  private async *featureRows(fromArrival: number): AsyncGenerator<unknown[]> {
    const bounds = await boundsOf(this, 'features', fromArrival);
    for (const [index, end] of bounds.slice(1).entries()) {
      const slice = `arrival >= ${String(bounds[index])} AND arrival < ${String(end)}`;
      yield* this.stream(`SELECT * FROM features WHERE ${slice} ORDER BY arrival`);
    }
  }

  private async *stream(sql: string): AsyncGenerator<unknown[]> {
    try {
      const result = await this.connection.stream(sql);
      for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
        yield* chunk.getRows();
      }
    } catch (error) {
      throw faultOf(error);
    }
  }

  async ask(sql: string): Promise<unknown[][]> {
    try {
      return (await this.connection.runAndReadAll(sql)).getRows();
    } catch (error) {
      throw faultOf(error);
    }
  }

  /** @throws {Fault} `storage_full`; the signal's reason when it was ended */
  async run(sql: string, { onProgress, signal }: Step = {}): Promise<void> {
    signal?.throwIfAborted();
    const interrupt = (): void => this.connection.interrupt();
    signal?.addEventListener('abort', interrupt);
    const timer = setInterval(() => {
      // One that came before the statement had begun was lost.
      if (signal?.aborted) interrupt();
      const { percentage } = this.connection.progress;
      if (percentage >= 0) onProgress?.(percentage / 100);
    }, PROGRESS_MS);
    try {
      await this.connection.run(sql);
      signal?.throwIfAborted();
    } catch (error) {
      signal?.throwIfAborted();
      throw faultOf(error);
    } finally {
      clearInterval(timer);
      signal?.removeEventListener('abort', interrupt);
    }
  }

  /** Forgets tables. Fails never: it ends what may have failed itself. */
  async drop(...tables: string[]): Promise<void> {
    for (const table of tables) await this.run(`DROP TABLE IF EXISTS ${table}`).catch(() => undefined);
  }

  private create(name: string, columns: EventColumn[]): Promise<void> {
    const list = columns.map((column) => `${column.name} ${column.type}`).join(', ');
    return this.run(`CREATE OR REPLACE TABLE ${name} (${list})`);
  }
}
