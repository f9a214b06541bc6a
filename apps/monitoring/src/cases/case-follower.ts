import type { BeforeApplicationShutdown, OnModuleInit } from '@nestjs/common';
import type { HoldEnd } from '@vigia/contracts';
import type { CaseRecord } from '@vigia/ledger';
import type { Logger } from '@vigia/platform';
import type { CaseMetrics } from './case-metrics.js';

/** Holds ended in one transaction. */
const HOLDS = 200;

export interface FollowerSettings {
  /** Time between looks. */
  everyMs: number;
  /** What becomes of a hold that nobody ended until its end. */
  holdEnd: HoldEnd;
}

/**
 * Opens cases for payments to review, and ends holds that run out. Its place is the ledger's inbox: it goes on where it,
 * or another process, ended.
 */
export class CaseFollower implements OnModuleInit, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private isClosing = false;
  private isFailing = false;

  constructor(
    private readonly cases: CaseRecord,
    private readonly settings: FollowerSettings,
    private readonly metrics: CaseMetrics,
    private readonly logger: Logger,
    private readonly now: () => number,
  ) {}

  onModuleInit(): void {
    this.timer = setInterval(() => {
      this.running ??= this.look().finally(() => (this.running = undefined));
    }, this.settings.everyMs).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    this.isClosing = true;
    await this.running;
  }

  private async look(): Promise<void> {
    try {
      await this.openCases();
      await this.endHolds();
      this.isFailing = false;
    } catch (error) {
      // Said once, not at every look.
      const level = this.isFailing ? 'debug' : 'warn';
      this.isFailing = true;
      this.logger[level]({ err: error }, 'cases could not be opened or holds ended; they are at the next look');
    }
  }

  private async openCases(): Promise<void> {
    for (let isDone = false; !isDone && !this.isClosing;) {
      const step = await this.cases.open(this.now());
      this.metrics.opened(step);
      isDone = step.isDone;
    }
  }

  private async endHolds(): Promise<void> {
    const { holdEnd: end } = this.settings;
    for (let ended = HOLDS; ended === HOLDS && !this.isClosing;) {
      ended = await this.cases.endOverdueHolds({ end, limit: HOLDS }, { by: 'vigia', caller: '', atMs: this.now() });
      this.metrics.holdsEnded(end, 'service', ended);
      if (ended > 0) this.logger.warn({ holds: ended, end }, 'holds ran out without a word');
    }
  }
}
