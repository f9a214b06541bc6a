import { crc32 } from 'node:zlib';
import type { AssessmentRow } from './assessment-row.js';

/** A line of the spool: CRC-32 of the JSON in 8 hex digits, space, JSON, line feed. */
export function encodeRecord(row: AssessmentRow): Buffer {
  const json = JSON.stringify({
    ...row,
    contentSha256: base64(row.contentSha256),
    vector: base64(new Uint8Array(row.vector.buffer, row.vector.byteOffset, row.vector.byteLength)),
  });
  return Buffer.from(`${checksum(json)} ${json}\n`);
}

/** Reads a line without its line feed; undefined when it is torn or damaged. */
export function decodeRecord(line: Buffer): AssessmentRow | undefined {
  const json = line.subarray(9);
  if (line.length < 9 || line.toString('latin1', 0, 9) !== `${checksum(json)} `) return undefined;
  const row = JSON.parse(json.toString()) as AssessmentRow & { contentSha256: string; vector: string };
  // Buffer.from may lie anywhere within Node's pool; float32 wants a multiple of four.
  const vector = Uint8Array.from(Buffer.from(row.vector, 'base64'));
  return {
    ...row,
    // A file of a version that did not keep it.
    arrivedUs: row.arrivedUs ?? 0,
    contentSha256: Buffer.from(row.contentSha256, 'base64'),
    vector: new Float32Array(vector.buffer),
  };
}

function checksum(json: string | Uint8Array): string {
  return crc32(json).toString(16).padStart(8, '0');
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
