/**
 * Works on up to `width` items at once and gives the results in the items' order, each as soon as it and those before it
 * are there. Reads the next item only when there is room, so a slow reader of results slows the source. `work` must not
 * reject.
 */
export async function* mapInOrder<T, R>(
  source: AsyncIterable<T>,
  width: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const items = source[Symbol.asyncIterator]();
  const running: Promise<R>[] = [];
  let reading: Promise<IteratorResult<T>> | undefined;
  let open = true;
  try {
    while (open || running.length > 0) {
      const [head] = running;
      if (open && running.length < width) reading ??= items.next();
      const events: Promise<'result' | 'item'>[] = [];
      if (head) events.push(head.then(() => 'result'));
      if (reading) events.push(reading.then(() => 'item'));
      if ((await Promise.race(events)) === 'result') {
        yield await running.shift()!;
        continue;
      }
      const item = await reading!;
      reading = undefined;
      if (item.done) open = false;
      else running.push(work(item.value));
    }
  } finally {
    reading?.catch(() => undefined);
    // Not awaited: it may wait for an item that never comes.
    items.return?.().catch(() => undefined);
  }
}
