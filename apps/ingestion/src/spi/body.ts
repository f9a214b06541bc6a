import { Readable } from 'node:stream';
import { Fault } from '@vigia/contracts';

/**
 * The whole body of a request that came as a stream.
 * @throws {Fault} `body_too_large` beyond the limit; `invalid_request` when the connection ends before the body does
 */
export async function readWhole(stream: Readable, limitBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    // A body that is refused is left to the server to drain: ending the stream would end the connection unanswered.
    for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > limitBytes) {
        throw new Fault('body_too_large', { detail: `The message is longer than ${limitBytes} bytes.` });
      }
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw new Fault('invalid_request', { detail: 'The connection ended before the body did.', cause: error });
  }
  return Buffer.concat(chunks, length);
}
