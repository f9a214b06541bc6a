import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Fault } from '@vigia/contracts';
import { LABEL_COLUMNS, eventColumns, featureSql, type EventColumn, type FeatureSet } from '@vigia/features';
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { EventLoader } from './event-loader.js';
import { faultOf } from './failure.js';

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

  static async open(limits: Limits): Promise<OfflineStore> {
    mkdirSync(limits.temporaryDirectory, { recursive: true });
    const folder = mkdtempSync(join(limits.temporaryDirectory, 'offline-'));
    const instance = await DuckDBInstance.create(join(folder, 'history.duckdb'), {
      memory_limit: `${limits.memoryLimitMb}MB`,
      threads: String(limits.threads),
      temp_directory: join(folder, 'spilled'),
      ...(limits.diskLimitMb === undefined ? {} : { max_temp_directory_size: `${limits.diskLimitMb}MB` }),
    });
    const connection = await instance.connect();
    // Without these DuckDB keeps no progress to ask for.
    await connection.run('SET enable_progress_bar = true; SET enable_progress_bar_print = false');
    return new OfflineStore(connection, instance, folder);
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
   * Takes a history from Parquet files, in the place of what was loaded before.
   * @throws {Fault} `schema_mismatch` naming the file and the columns; `not_found`
   */
  async importParquet(set: FeatureSet, files: { payments: string; labels: string }): Promise<void> {
    const relations: [keyof typeof files, EventColumn[]][] = [
      ['payments', eventColumns(set)],
      ['labels', LABEL_COLUMNS],
    ];
    for (const [name, columns] of relations) {
      const file = files[name];
      if (!existsSync(file)) throw new Fault('not_found', { detail: `there is no file ${file}` });
      const quoted = `read_parquet('${file.replaceAll("'", "''")}')`;
      const described = await this.ask(`DESCRIBE SELECT * FROM ${quoted}`);
      requireColumns(file, columns, new Map(described.map((row) => [String(row[0]), String(row[1])])));
      const names = columns.map((column) => column.name).join(', ');
      await this.run(`CREATE OR REPLACE TABLE ${name} AS SELECT ${names} FROM ${quoted}`);
    }
  }

  /** Writes the loaded history as Parquet, for an engine elsewhere. */
  async exportParquet(files: { payments: string; labels: string }): Promise<void> {
    for (const [name, file] of Object.entries(files)) {
      await this.run(`COPY ${name} TO '${file.replaceAll("'", "''")}' (FORMAT parquet, COMPRESSION zstd)`);
    }
  }

  /**
   * Computes the features of every payment that was loaded, each as of its moment, into the table `features`.
   * @throws {Error} where two payments have the same arrival: neither would come before the other
   */
  async compute(set: FeatureSet, step: Step = {}): Promise<void> {
    const [counts] = await this.ask('SELECT count(*), count(DISTINCT arrival) FROM payments');
    if (counts![0] !== counts![1]) throw new Error('two payments have the same arrival; each needs one of its own');
    await this.run(`CREATE OR REPLACE TABLE features AS ${featureSql(set, 'duckdb')}`, step);
  }

  /** What was computed, from this arrival on, in the order of arrival. */
  async *vectors(set: FeatureSet, fromArrival = 0): AsyncGenerator<ComputedVector> {
    const result = await this.connection.stream(
      `SELECT * FROM features WHERE arrival >= ${fromArrival} ORDER BY arrival`,
    );
    const names = set.entities.map(({ name }) => name);
    const first = 2 + 2 * names.length;
    for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
      for (const row of chunk.getRows()) {
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
      const { percentage } = this.connection.progress;
      if (percentage >= 0) onProgress?.(percentage / 100);
    }, PROGRESS_MS);
    try {
      await this.connection.run(sql);
    } catch (error) {
      signal?.throwIfAborted();
      throw faultOf(error);
    } finally {
      clearInterval(timer);
      signal?.removeEventListener('abort', interrupt);
    }
  }

  private create(name: string, columns: EventColumn[]): Promise<void> {
    const list = columns.map((column) => `${column.name} ${column.type}`).join(', ');
    return this.run(`CREATE OR REPLACE TABLE ${name} (${list})`);
  }
}

function requireColumns(file: string, columns: EventColumn[], found: Map<string, string>): void {
  const wrong = columns.flatMap(({ name, type }) => {
    const actual = found.get(name);
    if (actual === undefined) return [`${name} ${type} is missing`];
    return actual === type ? [] : [`${name} is ${actual}, must be ${type}`];
  });
  if (wrong.length === 0) return;
  throw new Fault('schema_mismatch', {
    detail: `${file} has not the columns of this feature set: ${wrong.join('; ')}. Write it again with this version`,
    errors: wrong.map((message) => ({ field: message.split(' ')[0]!, message })),
  });
}
