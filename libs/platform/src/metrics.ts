import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/** Bounds in seconds that show both a 1 ms decision and a 5 s stall. */
export const LATENCY_BUCKETS_S = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5];

/** What the docs must say of a metric. */
export interface MetricLine {
  name: string;
  type: string;
  labels: string[];
  description: string;
}

/** The metrics of one process. Every name gets the prefix `vigia_`; names end in their unit (`_seconds`, `_total`). */
export class Metrics {
  readonly registry = new Registry();
  private ofProcess: ReadonlySet<string> = new Set();

  /** @param service becomes the label `service` of every sample. */
  constructor(service: string, version: string) {
    this.registry.setDefaultLabels({ service });
    this.gauge('build_info', 'Always 1; the label says which version runs.', ['version']).set({ version }, 1);
  }

  /** CPU, memory, garbage collection and event loop of the process; starts timers of its own, so once a process. */
  collectProcess(): void {
    const before = new Set(this.names());
    collectDefaultMetrics({ register: this.registry, prefix: 'vigia_' });
    this.ofProcess = new Set(this.names().filter((name) => !before.has(name)));
  }

  /** The service's own metrics in the order of their making, without those of the process itself. */
  describe(): MetricLine[] {
    return this.registry.getMetricsAsArray().flatMap((metric) => {
      if (this.ofProcess.has(metric.name)) return [];
      // Not in the types: the labels that a sample may have.
      const { labelNames } = metric as unknown as { labelNames: string[] };
      return [{ name: metric.name, type: String(metric.type), labels: labelNames, description: metric.help }];
    });
  }

  counter<L extends string = never>(name: string, help: string, labelNames: L[] = []): Counter<L> {
    return new Counter({ name: `vigia_${name}`, help, labelNames, registers: [this.registry] });
  }

  /** @param read called at each scrape to set the value; without it the owner calls `set`. */
  gauge<L extends string = never>(name: string, help: string, labelNames: L[] = [], read?: () => number): Gauge<L> {
    return new Gauge({
      name: `vigia_${name}`,
      help,
      labelNames,
      registers: [this.registry],
      ...(read === undefined
        ? {}
        : {
            collect() {
              this.set(read());
            },
          }),
    });
  }

  histogram<L extends string = never>(
    name: string,
    help: string,
    labelNames: L[] = [],
    buckets: number[] = LATENCY_BUCKETS_S,
  ): Histogram<L> {
    return new Histogram({ name: `vigia_${name}`, help, labelNames, buckets, registers: [this.registry] });
  }

  private names(): string[] {
    return this.registry.getMetricsAsArray().map(({ name }) => name);
  }
}
