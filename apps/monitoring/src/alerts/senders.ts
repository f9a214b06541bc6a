import { ConfigError } from '@vigia/platform';
import type { MonitoringConfig } from '../config.js';
import { Email } from './email.js';
import type { NoticeSender } from './notifier.js';
import { Webhook } from './webhook.js';

/**
 * The ways in which people are told, as the settings have them.
 * @throws {ConfigError} where a mail server is named without sender or receiver
 */
export function sendersOf(config: MonitoringConfig): NoticeSender[] {
  const { webhookUrl, webhookTimeoutMs, smtpUrl, smtpTimeoutMs, mailFrom, mailTo } = config;
  if (smtpUrl !== '' && (mailFrom === '' || mailTo === '')) {
    throw new ConfigError(
      'Bad settings in the environment:\n- SMTP_URL is set: MAIL_FROM and MAIL_TO must say who mails to whom.',
    );
  }
  return [
    ...(webhookUrl === '' ? [] : [new Webhook(webhookUrl, webhookTimeoutMs)]),
    ...(smtpUrl === '' ? [] : [new Email({ url: smtpUrl, from: mailFrom, to: mailTo, timeoutMs: smtpTimeoutMs })]),
  ];
}
