import { open, unlink, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { AssessmentRow } from './assessment-row.js';
import { decodeRecord, encodeRecord } from './spool-record.js';

interface Place {
  offset: number;
  /** Without the line feed. */
  length: number;
}

const READ_BYTES = 1 << 20;
const LINE_FEED = 10;

/** One file of the spool, and where in it lies each assessment that PostgreSQL does not have yet, oldest first. */
export class SpoolSegment {
  readonly places = new Map<string, Place>();
  /** Bytes in the middle of the file that are no record: more than a torn tail, a person should look. */
  damagedBytes = 0;
  private writing = 0;

  private constructor(
    readonly path: string,
    private readonly file: FileHandle,
    private size: number,
  ) {}

  static async create(path: string): Promise<SpoolSegment> {
    const file = await open(path, 'wx+', 0o600);
    await syncDirectory(dirname(path));
    return new SpoolSegment(path, file, 0);
  }

  /** Reads a file that an earlier process left. A torn tail is passed over: its assessments were never answered. */
  static async recover(path: string): Promise<SpoolSegment> {
    const file = await open(path, 'r+');
    const segment = new SpoolSegment(path, file, (await file.stat()).size);
    let unread = 0;
    for await (const { line, offset } of lines(file)) {
      const row = decodeRecord(line);
      if (!row) {
        unread += line.length;
        continue;
      }
      segment.damagedBytes += unread;
      unread = 0;
      segment.places.set(row.endToEndId, { offset, length: line.length });
    }
    return segment;
  }

  get isWriting(): boolean {
    return this.writing > 0;
  }

  /** Resolves when the rows are on disk. Rejects when they may not be; then nothing more may be appended. */
  async append(rows: AssessmentRow[]): Promise<void> {
    const records = rows.map(encodeRecord);
    const start = this.size;
    this.writing++;
    try {
      await this.writeAll(Buffer.concat(records), start);
      await this.file.datasync();
      let offset = start;
      rows.forEach((row, i) => {
        this.places.set(row.endToEndId, { offset, length: records[i]!.length - 1 });
        offset += records[i]!.length;
      });
      this.size = offset;
    } catch (error) {
      // What was written of it must not come back as answered.
      await this.file.truncate(start).catch(() => undefined);
      throw error;
    } finally {
      this.writing--;
    }
  }

  async read(endToEndId: string): Promise<AssessmentRow | undefined> {
    const place = this.places.get(endToEndId);
    if (!place) return undefined;
    const line = await this.bytes(place.offset, place.length);
    return decodeRecord(line);
  }

  /** The first `max` rows, in one read. */
  async oldest(max: number): Promise<AssessmentRow[]> {
    const places: Place[] = [];
    for (const place of this.places.values()) {
      if (places.length === max) break;
      places.push(place);
    }
    if (places.length === 0) return [];
    const start = places[0]!.offset;
    const last = places.at(-1)!;
    const bytes = await this.bytes(start, last.offset + last.length - start);
    return places.map(({ offset, length }) => {
      const row = decodeRecord(bytes.subarray(offset - start, offset - start + length));
      if (!row) throw new Error(`${this.path} has changed on disk at byte ${offset}`);
      return row;
    });
  }

  async remove(): Promise<void> {
    await this.file.close();
    await unlink(this.path);
    await syncDirectory(dirname(this.path));
  }

  close(): Promise<void> {
    return this.file.close();
  }

  private async writeAll(bytes: Buffer, position: number): Promise<void> {
    for (let written = 0; written < bytes.length;) {
      const result = await this.file.write(bytes, written, bytes.length - written, position + written);
      written += result.bytesWritten;
    }
  }

  private async bytes(position: number, length: number): Promise<Buffer> {
    const buffer = Buffer.allocUnsafe(length);
    for (let read = 0; read < length;) {
      const { bytesRead } = await this.file.read(buffer, read, length - read, position + read);
      if (bytesRead === 0) throw new Error(`${this.path} is shorter than it was`);
      read += bytesRead;
    }
    return buffer;
  }
}

/** Without it a crash may lose a new file's name while its content is on disk. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** Lines without their line feeds, a last one without line feed included. */
async function* lines(file: FileHandle): AsyncGenerator<{ line: Buffer; offset: number }> {
  let rest = Buffer.alloc(0);
  let offset = 0;
  for (let position = 0; ;) {
    const chunk = Buffer.alloc(READ_BYTES);
    const { bytesRead } = await file.read(chunk, 0, READ_BYTES, position);
    if (bytesRead === 0) break;
    position += bytesRead;
    rest = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
    for (let end = rest.indexOf(LINE_FEED); end >= 0; end = rest.indexOf(LINE_FEED)) {
      yield { line: rest.subarray(0, end), offset };
      offset += end + 1;
      rest = rest.subarray(end + 1);
    }
  }
  if (rest.length > 0) yield { line: rest, offset };
}
