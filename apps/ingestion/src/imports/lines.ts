/** A line of a file or of a body, without its line feed. */
export interface Line {
  /** From 1. */
  number: number;
  /** null where it is longer than allowed. */
  bytes: Buffer | null;
}

const LINE_FEED = 0x0a;

/** The lines of a stream of bytes; holds one line at most, and of one that is too long nothing. */
export async function* linesOf(chunks: AsyncIterable<Buffer>, maxLineBytes: number): AsyncGenerator<Line> {
  let parts: Buffer[] = [];
  let length = 0;
  let number = 0;
  const add = (part: Buffer): void => {
    length += part.length;
    if (length > maxLineBytes) parts = [];
    else parts.push(part);
  };
  const take = (): Line => {
    const bytes = length > maxLineBytes ? null : Buffer.concat(parts, length);
    parts = [];
    length = 0;
    return { number: ++number, bytes };
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      add(chunk.subarray(start, end));
      start = end + 1;
      yield take();
    }
    add(chunk.subarray(start));
  }
  if (length > 0) yield take();
}
