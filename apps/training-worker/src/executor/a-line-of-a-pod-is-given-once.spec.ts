import { PodLog } from './pod-log.js';

/** A log by the time of its lines, seconds; answers those of the last so many seconds, as a kubelet does. */
class Kubelet {
  nowS = 100;
  readonly asked: (number | undefined)[] = [];
  private readonly written: { atS: number; line: string }[] = [];

  write(stamp: string, text: string, end = '\n'): void {
    this.written.push({ atS: this.nowS, line: `2026-11-28T00:00:${stamp}Z ${text}${end}` });
  }

  read = (sinceSeconds?: number): Promise<string> => {
    this.asked.push(sinceSeconds);
    const from = sinceSeconds === undefined ? -Infinity : this.nowS - sinceSeconds;
    return Promise.resolve(
      this.written
        .filter(({ atS }) => atS >= from)
        .map(({ line }) => line)
        .join(''),
    );
  };
}

test('looks overlap, and each line is given once, in order of its nanoseconds', async () => {
  const kubelet = new Kubelet();
  const log = new PodLog(kubelet.read, () => kubelet.nowS * 1_000);
  expect(await log.lines()).toEqual([]);
  kubelet.write('01.1', 'first');
  // Trailing zeros are left out by what writes the time.
  kubelet.write('01.100000001', '{"kind":"x"}');
  expect(await log.lines()).toEqual(['first', '{"kind":"x"}']);
  kubelet.nowS += 2;
  expect(await log.lines()).toEqual([]);
  kubelet.write('02', 'on the second');
  kubelet.write('02.5', '');
  expect(await log.lines()).toEqual(['on the second', '']);
  expect(kubelet.asked).toEqual([undefined, undefined, 7, 5]);
});

test('after an outage it reads back as far as it has to', async () => {
  const kubelet = new Kubelet();
  const log = new PodLog(
    (since) => (kubelet.nowS === 101 ? Promise.reject(new Error('away')) : kubelet.read(since)),
    () => kubelet.nowS * 1_000,
  );
  kubelet.write('01', 'before');
  await log.lines();
  kubelet.nowS = 101;
  kubelet.write('02', 'meanwhile');
  await expect(log.lines()).rejects.toThrow('away');
  kubelet.nowS = 400;
  expect(await log.lines()).toEqual(['meanwhile']);
  expect(kubelet.asked.at(-1)).toBe(305);
});

test('a line that is still being written is read when it is whole', async () => {
  const kubelet = new Kubelet();
  const log = new PodLog(kubelet.read, () => kubelet.nowS * 1_000);
  kubelet.write('01', 'whole');
  kubelet.write('02', 'half', '');
  expect(await log.lines()).toEqual(['whole']);
  kubelet.write('03', 'x', '\n');
  expect((await log.all()).length).toBe(2);
});
