import { isUtf8 } from 'node:buffer';
import { Fault } from '@vigia/contracts';

/** Deepest nesting of objects and arrays that is read; a payment has 5 levels. */
export const MAX_JSON_DEPTH = 32;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/**
 * JSON from the bytes of a body.
 * @throws {Fault} `malformed_json` when the bytes are not UTF-8, nested deeper than 32, not JSON (with the position), or
 * hold a key that would change an object's prototype.
 */
export function parseJsonBody(body: Buffer): unknown {
  if (body.length === 0) throw malformed('The body is empty although it is said to be JSON.');
  if (!isUtf8(body)) throw malformed('The body is not valid UTF-8.');
  if (depthExceeds(body, MAX_JSON_DEPTH)) throw malformed(`The body is nested deeper than ${MAX_JSON_DEPTH} levels.`);
  const text = body.toString('utf8');
  try {
    return JSON.parse(text, /__proto__|constructor|\\u/.test(text) ? refusePoison : undefined) as unknown;
  } catch (error) {
    if (error instanceof Fault) throw error;
    // V8's message repeats a part of the body, which may be an identifier; only the place is passed on.
    const place = /line \d+ column \d+|position \d+/.exec(String(error))?.[0] ?? 'its end';
    throw malformed(`The body is not valid JSON at ${place}.`);
  }
}

/** Whether `{` and `[` outside strings are nested deeper than `limit`. A scan of the bytes, so that the parser's stack is safe. */
function depthExceeds(body: Buffer, limit: number): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < body.length; i += 1) {
    const byte = body[i];
    if (inString) {
      if (byte === BACKSLASH) i += 1;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) inString = true;
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth += 1;
      if (depth > limit) return true;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) depth -= 1;
  }
  return false;
}

/** A reviver that refuses what a careless merge would write onto the prototype of all objects. */
function refusePoison(key: string, value: unknown): unknown {
  if (key === '__proto__') throw malformed('The key __proto__ is refused.');
  if (key === 'constructor' && typeof value === 'object' && value !== null && Object.hasOwn(value, 'prototype')) {
    throw malformed('The key constructor.prototype is refused.');
  }
  return value;
}

function malformed(detail: string): Fault {
  return new Fault('malformed_json', { detail });
}
