import type { Outcome } from '@vigia/contracts';
import type { Metrics } from '@vigia/platform';

/** What came in, and what became of it. */
export class IngestionMetrics {
  private readonly messages;
  private readonly lines;
  private readonly outcomes;
  private readonly lag;
  private readonly lost;

  constructor(private readonly metrics: Metrics) {
    this.messages = metrics.counter('spi_messages_total', 'SPI messages by type and what became of them.', [
      'type',
      'outcome',
    ]);
    this.lines = metrics.counter('import_lines_total', 'Lines of imports by what became of them.', ['outcome']);
    this.outcomes = metrics.counter('outcomes_total', 'Outcomes by source, result and what became of them.', [
      'source',
      'result',
      'outcome',
    ]);
    this.lag = metrics.histogram(
      'label_lag_seconds',
      'Time from when a fraud or its refutation became known until the windows knew it.',
      [],
      [1, 10, 60, 600, 3_600, 21_600, 86_400, 604_800, 2_592_000],
    );
    this.lost = metrics.counter('labels_dropped_total', 'Labels that were given up: too many wait, or one fails.');
  }

  /** @param type of the message, or `unreadable` */
  message(type: string, outcome: 'assessed' | 'acknowledged' | 'refused' | 'failed'): void {
    this.messages.inc({ type, outcome });
  }

  line(outcome: 'assessed' | 'refused'): void {
    this.lines.inc({ outcome });
  }

  outcome({ source, result }: Outcome, outcome: 'new' | 'repeated' | 'refused'): void {
    this.outcomes.inc({ source, result, outcome });
  }

  labelled(lagMs: number): void {
    this.lag.observe(Math.max(0, lagMs) / 1_000);
  }

  labelDropped(): void {
    this.lost.inc();
  }

  watchWaitingLabels(read: () => number): void {
    this.metrics.gauge('labels_waiting', 'Payments whose label waits for the online store.', [], read);
  }
}
