/**
 * Works on up to `width` items at once and gives the results in the items' order, each as soon as it and those before it
 * are there. Reads the next item only when there is room, so a slow reader of results slows the source. `work` must not
 * reject. Once `stop` is aborted no item is read, and what is in work is given.
 */
export async function* mapInOrder<T, R>(
  source: AsyncIterable<T>,
  width: number,
  work: (item: T) => Promise<R>,
  stop: AbortSignal,
): AsyncGenerator<R> {
  const items = source[Symbol.asyncIterator]();
  const running: Promise<R>[] = [];
  let reading: Promise<IteratorResult<T>> | undefined;
  let end: () => void = () => undefined;
  const read = (): Promise<IteratorResult<T>> =>
    new Promise((resolve, reject) => {
      end = () => resolve({ done: true, value: undefined });
      if (stop.aborted) end();
      else items.next().then(resolve, reject);
    });
  const onStop = (): void => end();
  stop.addEventListener('abort', onStop);
  let open = true;
  try {
    while (open || running.length > 0) {
      const [head] = running;
      if (open && running.length < width) reading ??= read();
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
    stop.removeEventListener('abort', onStop);
    reading?.catch(() => undefined);
    // Not awaited: it may wait for an item that never comes.
    items.return?.().catch(() => undefined);
  }
}
