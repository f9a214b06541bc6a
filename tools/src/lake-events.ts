import { createWriteStream, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { PseudonymousPayment } from '@vigia/contracts';

/** A line of the lake's event files. `arrivedUs`: when the windows got it, µs since 1970; no two payments have the same. */
export type LakeEvent =
  | { kind: 'payment'; arrivedUs: number; degraded?: boolean; payment: PseudonymousPayment }
  | { kind: 'label'; arrivedUs: number; endToEndId: string; fraud: boolean };

interface EventFiles {
  folder: string;
  /** Makes the name, without its ending, of the file's first and last arrival. */
  nameOf: (firstUs: number, lastUs: number) => string;
  rowsPerFile?: number;
}

const ENDING = '.ndjson.gz';

/**
 * Writes events as gzipped JSON lines into files of a folder, the feed that `vigia-lake` reads. A file gets its name when
 * it is whole. Answers how many events there were.
 */
export async function writeEventFiles(
  events: Iterable<LakeEvent> | AsyncIterable<LakeEvent>,
  { folder, nameOf, rowsPerFile = 250_000 }: EventFiles,
): Promise<number> {
  mkdirSync(folder, { recursive: true });
  const aside = join(folder, `.${process.pid}.part`);
  const source = Symbol.asyncIterator in events ? events[Symbol.asyncIterator]() : events[Symbol.iterator]();
  let count = 0;
  for (let next = await source.next(); !next.done;) {
    const firstUs = next.value.arrivedUs;
    let lastUs = firstUs;
    const lines = async function* (): AsyncGenerator<string> {
      // What arrived at one moment stays together: who goes on behind the last file misses nothing.
      for (let rows = 0; !next.done && (rows < rowsPerFile || next.value.arrivedUs === lastUs); rows++, count++) {
        lastUs = next.value.arrivedUs;
        yield `${JSON.stringify(next.value)}\n`;
        next = await source.next();
      }
    };
    await pipeline(Readable.from(lines()), createGzip({ level: 4 }), createWriteStream(aside));
    renameSync(aside, join(folder, `${nameOf(firstUs, lastUs)}${ENDING}`));
  }
  return count;
}
