import { extname, join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Answer, Question } from './explainer-worker.js';
import type { ShapForest } from './tree-shap.js';

interface Pending {
  vector: Float32Array;
  /** How many workers died while they held it. */
  deaths: number;
  resolve(contributions: Float64Array): void;
  reject(error: Error): void;
}

/** Beside this file and of its kind: explainer-worker.js in dist, explainer-worker.ts in src (Node >= 22.18 runs it). */
const KIND = extname(__filename);
const ENTRY = join(__dirname, `explainer-worker${KIND}`);
/** From source Node would remark that it had to look whether the file is a module. */
const QUIET = KIND === '.ts' ? { execArgv: ['--disable-warning=MODULE_TYPELESS_PACKAGE_JSON'] } : {};

/**
 * Explains rows on a thread of its own, since a row takes about half a millisecond that the request's thread does not
 * have. The thread starts with the first row. Should it die, the next takes over what it held; a row that two threads
 * died of is rejected. An idle thread keeps no process alive.
 */
export class Explainer {
  private worker: Worker | undefined;
  private readonly pending = new Map<number, Pending>();
  private nextId = 0;
  private closed = false;
  private idle: (() => void)[] = [];

  constructor(private readonly forest: ShapForest) {}

  /** Contributions to the margin in log-odds, in the order of the features; the vector is copied. */
  explain(vector: Float32Array): Promise<Float64Array> {
    if (this.closed) return Promise.reject(new Error('The explainer is closed.'));
    return new Promise((resolve, reject) => {
      const id = this.nextId++;
      const pending = { vector: vector.slice(), deaths: 0, resolve, reject };
      this.pending.set(id, pending);
      this.ask(id, pending);
    });
  }

  /** Ends the thread once it has answered what it was asked. */
  async close(): Promise<void> {
    this.closed = true;
    if (this.pending.size > 0) await new Promise<void>((resolve) => this.idle.push(resolve));
    const { worker } = this;
    this.worker = undefined;
    await worker?.terminate();
  }

  private ask(id: number, { vector }: Pending): void {
    this.worker ??= this.start();
    this.worker.ref();
    this.worker.postMessage({ id, vector } satisfies Question);
  }

  private start(): Worker {
    const worker = new Worker(ENTRY, { workerData: this.forest, ...QUIET });
    let cause: unknown;
    worker.on('message', ({ id, contributions }: Answer) => this.settle(id, (held) => held.resolve(contributions)));
    worker.on('error', (error) => (cause = error));
    worker.on('exit', (code) => {
      if (this.worker === worker) this.replace(new Error(`The explainer's thread ended with code ${code}.`, { cause }));
    });
    return worker;
  }

  private replace(death: Error): void {
    this.worker = undefined;
    for (const [id, pending] of [...this.pending]) {
      pending.deaths++;
      if (pending.deaths > 1) this.settle(id, (held) => held.reject(death));
      else this.ask(id, pending);
    }
  }

  private settle(id: number, answer: (pending: Pending) => void): void {
    const pending = this.pending.get(id);
    if (pending === undefined) return;
    this.pending.delete(id);
    answer(pending);
    if (this.pending.size > 0) return;
    this.worker?.unref();
    for (const resolve of this.idle.splice(0)) resolve();
  }
}
