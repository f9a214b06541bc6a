import { createReadStream, createWriteStream, mkdirSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import type { SimulatedEvent } from '@vigia/simulator';

/**
 * Writes events as gzipped JSON lines, the raw snapshot that training sets are made of. The same events give the same
 * bytes; the file is whole or not there. Answers how many there were.
 */
export async function writeSnapshot(events: Iterable<SimulatedEvent>, file: string): Promise<number> {
  let count = 0;
  function* lines(): Generator<string> {
    for (const event of events) {
      count++;
      yield `${JSON.stringify(event)}\n`;
    }
  }
  mkdirSync(dirname(file), { recursive: true });
  const aside = `${file}.part`;
  await pipeline(Readable.from(lines()), createGzip(), createWriteStream(aside));
  renameSync(aside, file);
  return count;
}

export async function* readSnapshot(file: string): AsyncGenerator<SimulatedEvent> {
  const lines = createInterface({ input: createReadStream(file).pipe(createGunzip()), crlfDelay: Infinity });
  for await (const line of lines) yield JSON.parse(line) as SimulatedEvent;
}
