/**
 * One-dimensional PostgreSQL arrays in binary form, to be sent as Buffers. Nothing is quoted or parsed as text: a third
 * of the server's time per row and a quarter of the client's went there (see `assessment-insert.ts`).
 * Format: array_recv, int32 dimensions, flags, element oid, length, lower bound; per element int32 size (-1 = null), bytes.
 */

const HEADER_BYTES = 20;
/** 2000-01-01, where PostgreSQL counts dates and timestamps from. */
const POSTGRES_EPOCH_MS = Date.UTC(2000, 0, 1);
const POSTGRES_EPOCH_DAY = POSTGRES_EPOCH_MS / 86_400_000;

export function textArray(values: (string | null)[]): Buffer {
  return strings(25, values, false);
}

/** Each value is JSON text. */
export function jsonbArray(values: string[]): Buffer {
  return strings(3802, values, true);
}

export function byteaArray(values: Uint8Array[]): Buffer {
  const buffer = begin(
    17,
    values.length,
    sum(values, (value) => value.length),
    false,
  );
  let at = HEADER_BYTES;
  for (const value of values) {
    at = buffer.writeInt32BE(value.length, at);
    buffer.set(value, at);
    at += value.length;
  }
  return buffer;
}

/** Each value is milliseconds since 1970, UTC. */
export function timestamptzArray(valuesMs: number[]): Buffer {
  return fixed(1184, 8, valuesMs, (buffer, ms, at) => writeInt64(buffer, (ms - POSTGRES_EPOCH_MS) * 1_000, at));
}

/** Safe integers. */
export function int8Array(values: number[]): Buffer {
  return fixed(20, 8, values, writeInt64);
}

/** Each value is days since 1970-01-01. */
export function dateArray(epochDays: number[]): Buffer {
  return fixed(1082, 4, epochDays, (buffer, day, at) => buffer.writeInt32BE(day - POSTGRES_EPOCH_DAY, at));
}

export function float8Array(values: (number | null)[]): Buffer {
  return fixed(701, 8, values, (buffer, value, at) => buffer.writeDoubleBE(value, at));
}

function fixed(
  oid: number,
  size: number,
  values: (number | null)[],
  write: (buffer: Buffer, value: number, at: number) => void,
): Buffer {
  const buffer = begin(oid, values.length, values.length * size, values.includes(null));
  let at = HEADER_BYTES;
  for (const value of values) {
    at = buffer.writeInt32BE(value === null ? -1 : size, at);
    if (value === null) continue;
    write(buffer, value, at);
    at += size;
  }
  return buffer.subarray(0, at);
}

function writeInt64(buffer: Buffer, value: number, at: number): void {
  const high = Math.floor(value / 2 ** 32);
  buffer.writeInt32BE(high, at);
  buffer.writeUInt32BE(value - high * 2 ** 32, at + 4);
}

function strings(oid: number, values: (string | null)[], versioned: boolean): Buffer {
  // UTF-8 takes at most three bytes a UTF-16 unit; jsonb begins with its version, 1.
  const bytes = sum(values, (value) => (value === null ? 0 : 1 + value.length * 3));
  const buffer = begin(oid, values.length, bytes, values.includes(null));
  let at = HEADER_BYTES;
  for (const value of values) {
    if (value === null) {
      at = buffer.writeInt32BE(-1, at);
      continue;
    }
    const start = at + 4;
    let end = start;
    if (versioned) end = buffer.writeUInt8(1, end);
    end += buffer.write(value, end, 'utf8');
    buffer.writeInt32BE(end - start, at);
    at = end;
  }
  return buffer.subarray(0, at);
}

function begin(oid: number, length: number, bytes: number, hasNull: boolean): Buffer {
  const buffer = Buffer.allocUnsafe(HEADER_BYTES + 4 * length + bytes);
  [1, Number(hasNull), oid, length, 1].forEach((value, i) => buffer.writeInt32BE(value, 4 * i));
  return buffer;
}

function sum<T>(values: T[], size: (value: T) => number): number {
  return values.reduce((total, value) => total + size(value), 0);
}
