import type { BeforeApplicationShutdown, OnModuleInit } from '@nestjs/common';
import type { AlertNotice, MonitoringRecord, NoticeChannel, NoticeEnd } from '@vigia/ledger';
import type { Logger } from '@vigia/platform';
import type { Notice } from './notice.js';

/** One way in which people are told. */
export interface NoticeSender {
  channel: NoticeChannel;
  /** Time after which `send` gives up by itself, ms. */
  timeoutMs: number;
  /** Rejects where the notice was not taken. */
  send(notice: Notice, stop: AbortSignal): Promise<void>;
}

export interface RetrySettings {
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

interface NotifierParts {
  record: MonitoringRecord;
  senders: NoticeSender[];
  settings: RetrySettings;
  tell: (channel: NoticeChannel, result: NoticeResult) => void;
  logger: Logger;
}

/**
 * Tells each channel what waits for it in the record, apart from the runs that wrote it there: a webhook that hangs
 * holds up nothing but itself. What a channel does not take is tried again, also after a restart and by any other process.
 */
export class Notifier implements OnModuleInit, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private readonly running = new Map<NoticeChannel, Promise<void>>();
  private readonly stop = new AbortController();

  constructor(private readonly parts: NotifierParts) {}

  onModuleInit(): void {
    const { senders } = this.parts;
    if (senders.length === 0) return;
    this.timer = setInterval(() => senders.forEach((sender) => this.look(sender)), LOOK_MS).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    this.stop.abort();
    await Promise.all(this.running.values());
  }

  private look(sender: NoticeSender): void {
    const { channel } = sender;
    if (this.running.has(channel)) return;
    this.running.set(
      channel,
      this.sendDue(sender).finally(() => this.running.delete(channel)),
    );
  }

  private async sendDue(sender: NoticeSender): Promise<void> {
    const { record, logger } = this.parts;
    try {
      while (!this.stop.signal.aborted) {
        const notice = await record.takeNotice(sender.channel, sender.timeoutMs + LEASE_MS);
        if (!notice) return;
        await record.endNotice(notice.id, await this.send(sender, notice));
      }
    } catch (error) {
      logger.warn({ err: error }, 'notices could not be read or noted; they are tried again');
    }
  }

  private async send(sender: NoticeSender, { id, body, attempts }: AlertNotice): Promise<NoticeEnd> {
    const { settings, tell, logger } = this.parts;
    const { channel } = sender;
    try {
      await sender.send(body as unknown as Notice, this.stop.signal);
      tell(channel, 'sent');
      return { kind: 'sent' };
    } catch (error) {
      const gaveUp = attempts >= settings.attempts && !this.stop.signal.aborted;
      tell(channel, gaveUp ? 'given_up' : 'failed');
      const line = { channel, noticeId: id, attempt: attempts, cause: (error as Error).message };
      logger[gaveUp ? 'error' : 'warn'](line, gaveUp ? 'a notice is given up' : 'a notice is not taken');
      if (gaveUp) return { kind: 'given_up' };
      return { kind: 'again', afterMs: Math.min(LONGEST_PAUSE_MS, settings.retryMs * 2 ** (attempts - 1)) };
    }
  }
}
