import { createHash } from 'node:crypto';
import { Fault } from '@vigia/contracts';

/** Who asks, and the key that makes two requests one. */
export interface Asking {
  caller: string;
  idempotencyKey: string | undefined;
}

const KEY = /^[\x21-\x7e]{1,200}$/;

/**
 * Id of the job that all requests of a caller with one key share; undefined without a key.
 * @throws {Fault} `invalid_request`
 */
export function jobIdOf({ caller, idempotencyKey }: Asking): string | undefined {
  if (idempotencyKey === undefined) return undefined;
  if (!KEY.test(idempotencyKey)) {
    throw new Fault('invalid_request', {
      detail: 'The header Idempotency-Key does not fit.',
      errors: [{ field: 'Idempotency-Key', message: 'must be 1 to 200 printable ASCII characters without blanks' }],
    });
  }
  const digest = createHash('sha256').update(`${caller}\n${idempotencyKey}`).digest('hex');
  return `key-${digest.slice(0, 32)}`;
}
