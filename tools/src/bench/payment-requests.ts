import { EndToEndIds } from './end-to-end-ids.js';
import type { RequestSource } from './load.js';

const ID_LENGTH = 32;
const MINUTE_AT = 9;
const COUNTER_AT = 21;

interface Template {
  bytes: Buffer;
  idAt: number;
  acceptedAt: number;
}

/**
 * Payments as requests of the decision API: bodies made beforehand, in turn, each time with a new EndToEndId and the
 * moment of sending written into their bytes. A template comes round again long after its answer.
 */
export class PaymentRequests implements RequestSource {
  /** Those that were answered. */
  readonly ids = new EndToEndIds();
  private readonly templates: Template[];
  private minute = '';
  private minuteEndsMs = 0;

  /**
   * @param bodies payments as JSON; @param clock milliseconds that stand in the payments as the moment of sending
   * @param spoil writes a moment that no schema takes, so that each is refused at the end of its validation
   */
  constructor(
    bodies: string[],
    key: string,
    private readonly clock: () => number,
    private readonly spoil = false,
  ) {
    this.templates = bodies.map((body) => templateOf(body, key));
  }

  next(): Buffer {
    const nowMs = this.clock();
    const turn = sent++;
    const { bytes, idAt, acceptedAt } = this.templates[turn % this.templates.length]!;
    bytes.write(this.minuteOf(nowMs), idAt + MINUTE_AT, 'latin1');
    bytes.write(String(turn).padStart(ID_LENGTH - COUNTER_AT, '0'), idAt + COUNTER_AT, 'latin1');
    bytes.write(this.spoil ? 'x' : new Date(nowMs).toISOString(), acceptedAt, 'latin1');
    return bytes;
  }

  answered(request: Buffer): void {
    const at = request.indexOf(ID_FIELD);
    this.ids.add(request.subarray(at + ID_FIELD.length, at + ID_FIELD.length + ID_LENGTH));
  }

  /** yyyyMMddHHmm in UTC. */
  private minuteOf(nowMs: number): string {
    if (nowMs >= this.minuteEndsMs) {
      this.minute = new Date(nowMs).toISOString().replace(/\D/g, '').slice(0, 12);
      this.minuteEndsMs = (Math.floor(nowMs / 60_000) + 1) * 60_000;
    }
    return this.minute;
  }
}

/** Of all sources of a run, so that no id comes twice. */
let sent = 0;

const ID_FIELD = '"endToEndId":"';
const ACCEPTED_FIELD = '"acceptedAt":"';

function templateOf(body: string, key: string): Template {
  const bytes = postOf('/v1/assessments', body, { 'x-api-key': key });
  const idAt = bytes.indexOf(ID_FIELD) + ID_FIELD.length;
  const acceptedAt = bytes.indexOf(ACCEPTED_FIELD) + ACCEPTED_FIELD.length;
  return { bytes, idAt, acceptedAt };
}

/** A whole POST request of HTTP/1.1 with a JSON body. */
export function postOf(path: string, body: string, headers: Record<string, string> = {}): Buffer {
  const lines = [
    `POST ${path} HTTP/1.1`,
    'host: 127.0.0.1',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`);
}
