import type { OnlinePlan } from '@vigia/features';
import type { Redis } from 'ioredis';
import { round, table } from './report.js';

/** Memory of the logs of one kind, the server's for their keys and counterparties included. */
export interface KindSize {
  kind: string;
  entities: number;
  /** Still in the log. */
  events: number;
  bytes: number;
}

export interface StateSize {
  kinds: KindSize[];
  /** Markers, each of which keeps a payment from being added twice for 48 hours. */
  markers: number;
  markerBytes: number;
}

/** By `MEMORY USAGE` of every key under the prefix whose entity fits the pattern of SCAN. */
export async function stateSize(redis: Redis, prefix: string, plan: OnlinePlan, pattern = '*'): Promise<StateSize> {
  const base = `${prefix}:${plan.id}:`;
  const kinds = plan.states.map(({ name }): KindSize => ({ kind: name, entities: 0, events: 0, bytes: 0 }));
  const size: StateSize = { kinds, markers: 0, markerBytes: 0 };
  const pages = redis.scanStream({ match: `${base}*:${pattern}`, count: 1_000 }) as AsyncIterable<string[]>;
  for await (const keys of pages) {
    const [bytes, headers] = await Promise.all([
      Promise.all(keys.map((key) => redis.memory('USAGE', key))),
      Promise.all(keys.map((key) => (key.endsWith(':c') ? null : redis.getrangeBuffer(key, 0, 15)))),
    ]);
    keys.forEach((key, i) => {
      const name = key.slice(base.length, key.indexOf(':', base.length));
      if (name === 'seen') {
        size.markers++;
        size.markerBytes += bytes[i]!;
        return;
      }
      const kind = kinds.find((each) => each.kind === name);
      if (!kind) return;
      kind.bytes += bytes[i]!;
      const header = headers[i];
      if (!header) return;
      kind.entities++;
      // The header of a log begins with the numbers of its first event and of the next one: windows-lua.ts.
      kind.events += header.readDoubleLE(8) - header.readDoubleLE(0);
    });
  }
  return size;
}

export function bytesPerEvent(kinds: KindSize[]): number {
  const total = (of: 'bytes' | 'events'): number => kinds.reduce((sum, kind) => sum + kind[of], 0);
  return round(total('bytes') / total('events'), 1);
}

export const sizeTable = ({ kinds, markers, markerBytes }: StateSize): string =>
  table([
    ['state of', 'entities', 'events', 'bytes', 'per entity', 'per event'],
    ...kinds.map(({ kind, entities, events, bytes }) => [
      kind,
      entities,
      events,
      bytes,
      Math.round(bytes / entities),
      round(bytes / events, 1),
    ]),
    ['markers (48 h)', '', markers, markerBytes, '', round(markerBytes / markers, 1)],
  ]);
