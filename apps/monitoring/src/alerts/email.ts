import { createTransport } from 'nodemailer';
import type { Notice } from './notice.js';
import type { NoticeSender } from './notifier.js';

export interface EmailSettings {
  /** `smtp://user:password@host:587` (STARTTLS where the server has it) or `smtps://...:465`. */
  url: string;
  from: string;
  /** Addresses with commas between. */
  to: string;
  timeoutMs: number;
}

/** Mails notices, a connection each: alerts are rare. */
export class Email implements NoticeSender {
  readonly channel = 'email';

  constructor(private readonly settings: EmailSettings) {}

  get timeoutMs(): number {
    return this.settings.timeoutMs;
  }

  async send({ text, alert, event }: Notice, stop: AbortSignal): Promise<void> {
    const { url, from, to, timeoutMs } = this.settings;
    const transport = createTransport({
      url,
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      dnsTimeout: timeoutMs,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    // Each of those begins anew with every answer: a server that is slow all along must not outlast the lease.
    const over = AbortSignal.any([AbortSignal.timeout(timeoutMs), stop]);
    const close = (): void => transport.close();
    const outOfTime = new Promise<never>((_, reject) =>
      over.addEventListener('abort', () => reject(new Error('the mail server took too long')), { once: true }),
    );
    try {
      await Promise.race([
        outOfTime,
        transport.sendMail({
          from,
          to,
          subject: text.split('\n')[0]!,
          text,
          // Mails of one alert stand together.
          headers: { 'Auto-Submitted': 'auto-generated', References: `<vigia-alert-${alert.id}@vigia>` },
          messageId: `<vigia-alert-${alert.id}-${event}-${alert.windows}@vigia>`,
        }),
      ]);
    } finally {
      close();
    }
  }
}
