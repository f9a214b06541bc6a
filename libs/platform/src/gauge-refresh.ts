import type { BeforeApplicationShutdown, OnModuleInit } from '@nestjs/common';
import type { Logger } from './log.js';

/** Looks at what the gauges show, again and again; a scrape costs nothing, however many there are. */
export class GaugeRefresh implements OnModuleInit, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;

  /** @param looks each brings its own gauges up to date */
  constructor(
    private readonly looks: (() => Promise<void>)[],
    private readonly everyMs: number,
    private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.running = this.look();
    this.timer = setInterval(() => {
      // One that takes longer than the pause is not overtaken by the next.
      this.running ??= this.look();
    }, this.everyMs).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  private async look(): Promise<void> {
    for (const look of this.looks) {
      await look().catch((error: unknown) => {
        this.logger.warn({ err: error }, 'the gauges could not be refreshed; they show what was seen before');
      });
    }
    this.running = undefined;
  }
}
