import type { BeforeApplicationShutdown, OnModuleInit } from '@nestjs/common';
import type { AlertNotice, MonitoringRecord, NoticeEnd } from '@vigia/ledger';
import type { Logger } from '@vigia/platform';

export interface WebhookSettings {
  /** '' for none. */
  url: string;
  timeoutMs: number;
  /** Pause before the second attempt; each further one doubles it. */
  retryMs: number;
  attempts: number;
}

const LONGEST_PAUSE_MS = 600_000;
/** How often it is looked for notices. */
const LOOK_MS = 1_000;
/** For how long a notice that a process took is left to it, beyond the time of the attempt. */
const LEASE_MS = 10_000;

export type NoticeResult = 'sent' | 'failed' | 'given_up';

/**
 * Tells the webhook what waits in the record, apart from the runs that wrote it there: a webhook that hangs holds up
 * nothing but itself. What it does not take is tried again, also after a restart and by any other process.
 */
export class Notifier implements OnModuleInit, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private readonly stop = new AbortController();

  constructor(
    private readonly record: MonitoringRecord,
    private readonly settings: WebhookSettings,
    private readonly tell: (result: NoticeResult) => void,
    private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    if (this.settings.url === '') return;
    this.timer = setInterval(() => {
      this.running ??= this.sendDue().finally(() => (this.running = undefined));
    }, LOOK_MS).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    this.stop.abort();
    await this.running;
  }

  private async sendDue(): Promise<void> {
    try {
      while (!this.stop.signal.aborted) {
        const notice = await this.record.takeNotice(this.settings.timeoutMs + LEASE_MS);
        if (!notice) return;
        await this.record.endNotice(notice.id, await this.send(notice));
      }
    } catch (error) {
      this.logger.warn({ err: error }, 'notices could not be read or noted; they are tried again');
    }
  }

  private async send({ id, body, attempts }: AlertNotice): Promise<NoticeEnd> {
    const { url, timeoutMs, retryMs } = this.settings;
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        redirect: 'error',
        signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), this.stop.signal]),
      });
      await response.body?.cancel();
      if (!response.ok) throw new Error(`the webhook answered ${response.status}`);
      this.tell('sent');
      return { kind: 'sent' };
    } catch (error) {
      const gaveUp = attempts >= this.settings.attempts && !this.stop.signal.aborted;
      this.tell(gaveUp ? 'given_up' : 'failed');
      const line = { noticeId: id, attempt: attempts, cause: (error as Error).message };
      this.logger[gaveUp ? 'error' : 'warn'](line, gaveUp ? 'a notice is given up' : 'the webhook takes no notice');
      if (gaveUp) return { kind: 'given_up' };
      return { kind: 'again', afterMs: Math.min(LONGEST_PAUSE_MS, retryMs * 2 ** (attempts - 1)) };
    }
  }
}
