import { appendFile, mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '@vigia/contracts';
import type { AssessmentRow } from './assessment-row.js';
import { DirectoryLock } from './directory-lock.js';
import { encodeRecord } from './spool-record.js';
import { SpoolSegment } from './spool-segment.js';

const SEGMENT = /^spool-([0-9]{8})\.ndjson$/;

/**
 * Assessments on local disk while PostgreSQL is away: files to which is only added, each group of records synced before
 * it counts. A file whose assessments all are in PostgreSQL is removed.
 */
export class Spool {
  private active: SpoolSegment | undefined;

  private constructor(
    private readonly directory: string,
    private readonly maxRows: number,
    private readonly lock: DirectoryLock,
    private readonly segments: SpoolSegment[],
    private nextNumber: number,
  ) {}

  /** Takes over what an earlier process left. Throws when another process uses the directory. */
  static async open(directory: string, maxRows: number): Promise<Spool> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const lock = await DirectoryLock.take(directory);
    try {
      const names = (await readdir(directory)).filter((name) => SEGMENT.test(name)).sort();
      const segments = [];
      for (const name of names) segments.push(await SpoolSegment.recover(join(directory, name)));
      const last = names.at(-1);
      const spool = new Spool(directory, maxRows, lock, segments, last ? Number(SEGMENT.exec(last)![1]) + 1 : 1);
      await spool.removeEmpty();
      return spool;
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  /** Assessments that wait for PostgreSQL. */
  get depth(): number {
    return this.segments.reduce((total, segment) => total + segment.places.size, 0);
  }

  has(endToEndId: string): boolean {
    return this.segments.some((segment) => segment.places.has(endToEndId));
  }

  async read(endToEndId: string): Promise<AssessmentRow | undefined> {
    return this.segments.find((segment) => segment.places.has(endToEndId))?.read(endToEndId);
  }

  /**
   * Resolves when the rows are on disk; rejects with `dependency_unavailable` when they can't be kept. One call at a
   * time: its caller commits in groups already.
   */
  async append(rows: AssessmentRow[]): Promise<void> {
    if (this.depth + rows.length > this.maxRows) throw unkept(new Error(`the spool is full (${this.maxRows} rows)`));
    try {
      const segment = this.active ?? (await this.create());
      if (segment !== this.active) this.segments.push(segment);
      this.active = segment;
      await segment.append(rows);
    } catch (cause) {
      // After a failed sync nobody knows what of the file is on disk: go on in a new one.
      this.active = undefined;
      throw unkept(cause);
    }
  }

  /** Up to `max` of the oldest rows; none when the spool is empty. They stay until {@link forget}. */
  async oldest(max: number): Promise<AssessmentRow[]> {
    const segment = this.segments.find(({ places }) => places.size > 0);
    return segment ? segment.oldest(max) : [];
  }

  /** These are in PostgreSQL. Files that hold no other are removed. */
  async forget(rows: AssessmentRow[]): Promise<void> {
    for (const { endToEndId } of rows) for (const { places } of this.segments) places.delete(endToEndId);
    await this.removeEmpty();
  }

  /** Keeps rows that PostgreSQL refuses where a person finds them, in the spool's own format. */
  async quarantine(rows: AssessmentRow[]): Promise<void> {
    await appendFile(join(this.directory, 'quarantine.ndjson'), Buffer.concat(rows.map(encodeRecord)), { flush: true });
  }

  async close(): Promise<void> {
    await Promise.all(this.segments.map((segment) => segment.close()));
    await this.lock.release();
  }

  private create(): Promise<SpoolSegment> {
    const name = `spool-${String(this.nextNumber++).padStart(8, '0')}.ndjson`;
    return SpoolSegment.create(join(this.directory, name));
  }

  private async removeEmpty(): Promise<void> {
    for (const segment of [...this.segments]) {
      if (segment.places.size > 0 || segment.isWriting) continue;
      if (segment === this.active) this.active = undefined;
      this.segments.splice(this.segments.indexOf(segment), 1);
      if (segment.damagedBytes > 0) {
        await segment.close();
        await rename(segment.path, `${segment.path}.damaged`);
      } else {
        await segment.remove();
      }
    }
  }
}

function unkept(cause: unknown): Fault {
  return new Fault('dependency_unavailable', {
    detail: 'PostgreSQL is away and the assessment cannot be kept on local disk',
    retryAfterS: 1,
    cause,
  });
}
