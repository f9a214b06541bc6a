import type { Notice } from './notice.js';
import type { NoticeSender } from './notifier.js';

/** Posts notices as JSON. */
export class Webhook implements NoticeSender {
  readonly channel = 'webhook';

  constructor(
    private readonly url: string,
    readonly timeoutMs: number,
  ) {}

  async send(notice: Notice, stop: AbortSignal): Promise<void> {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(notice),
      redirect: 'error',
      signal: AbortSignal.any([AbortSignal.timeout(this.timeoutMs), stop]),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`the webhook answered ${response.status}`);
  }
}
