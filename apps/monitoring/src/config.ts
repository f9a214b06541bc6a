import { holdEnd, modelName } from '@vigia/contracts';
import { serviceSettings } from '@vigia/platform';
import { credentialSettings } from '@vigia/registry';
import { z } from 'zod';
import { SIGNAL_KINDS, isSignalKind } from './drift/signal-kinds.js';

const count = z.coerce.number().int().positive();

/** Kinds of alerts with commas between them. */
const alertKinds = (byDefault: string, description: string) =>
  z
    .string()
    .default(byDefault)
    .transform((text) => text.split(',').flatMap((kind) => (kind.trim() === '' ? [] : [kind.trim()])))
    .refine((kinds) => kinds.every(isSignalKind), `each must be one of ${Object.keys(SIGNAL_KINDS).join(', ')}`)
    .describe(description);

/** Settings of monitoring, from the environment. */
export const monitoringConfig = serviceSettings.extend({
  port: serviceSettings.shape.port.unwrap().default(3005).describe('TCP port of HTTP; 0 takes a free one.'),
  redisUrl: z
    .string()
    .default('redis://127.0.0.1:6379')
    .describe('Valkey or Redis >= 7 that holds the queues of jobs.'),
  redisTimeoutMs: count.default(1_000).describe('Time after which a queue counts as away, ms.'),
  queuePrefix: z
    .string()
    .default('{vigia}:jobs')
    .describe('First part of every key of the queues; in braces what keeps them on one node of a Cluster.'),
  databaseUrl: z
    .string()
    .meta({ secret: true, description: 'PostgreSQL >= 15 that holds the record, as postgres://user@host/database.' }),
  databaseTimeoutMs: count.default(60_000).describe('Time after which a query counts as failed, ms.'),
  mlflowUrl: z.url().default('http://127.0.0.1:5000').describe('MLflow server: the registry and the bundles.'),
  mlflowTimeoutMs: count.default(10_000).describe('Time after which a question to MLflow counts as failed, ms.'),
  ...credentialSettings,
  bundleDirectory: z
    .string()
    .default('.vigia/monitoring/bundles')
    .describe('Directory of the bundles that were fetched, for what training saw.'),
  modelName: modelName.default('pix-fraud').describe('Name of the registered model that is monitored.'),
  featureSet: z.string().min(1).default('pix').describe('Feature set of the training sets that are asked for.'),
  monitorEveryMinutes: z.coerce
    .number()
    .int()
    .min(0)
    .default(1_440)
    .describe('Length of a window, and time between them, minutes. Whole days hold every hour alike. 0 for none.'),
  minimumPayments: count
    .default(1_000)
    .describe('Payments that a window needs, of each version; with fewer the answer is "not enough data".'),
  labelHorizonDays: count
    .default(30)
    .describe('Time after which hardly any label comes, days. Older payments tell how labels come in.'),
  retrainOn: alertKinds(
    'score_drift,estimated_performance,realised_performance',
    'Kinds of alerts of the champion that ask for a training, with commas between; empty for none.',
  ),
  retrainBy: z
    .enum(['queue', 'airflow'])
    .default('queue')
    .describe('Who makes of an alert a training: queue (the services themselves) or airflow (the DAG pix_retrain).'),
  airflowUrl: z.url().default('http://127.0.0.1:8080').describe('API server of Airflow, for RETRAIN_BY=airflow.'),
  airflowUsername: z.string().default('').describe('User of Airflow; empty where it asks for none.'),
  airflowPassword: z.string().default('').meta({ secret: true, description: 'Password of that user.' }),
  airflowTimeoutMs: count.default(10_000).describe('Time after which a question to Airflow counts as failed, ms.'),
  retrainDays: count.default(60).describe('Payments of how many days the training set has that is asked for.'),
  retrainLabelDelayDays: z.coerce
    .number()
    .min(0)
    .default(7)
    .describe('How far before now that training set ends, days: the time that a label usually takes.'),
  retrainCoolDownHours: z.coerce.number().min(0).default(72).describe('Least time between two trainings, hours.'),
  retrainBudget: count.default(4).describe('Trainings that alerts may ask for in 30 days.'),
  rollbackOn: alertKinds('', 'Kinds of alerts of the champion that roll it back by themselves; empty for none.'),
  webhookUrl: z
    .string()
    .default('')
    .refine((url) => url === '' || URL.canParse(url), 'must be a URL')
    .meta({
      secret: true,
      description: 'Where alerts are posted as JSON with a `text` as Slack wants it; empty: nowhere.',
    }),
  webhookTimeoutMs: count.default(5_000).describe('Time after which the webhook counts as away, ms.'),
  smtpUrl: z
    .string()
    .default('')
    .refine((url) => url === '' || /^smtps?:\/\/[^/]/.test(url), 'must begin with smtp:// or smtps:// and name a host')
    .meta({
      secret: true,
      description: 'Mail server for alerts, as smtp://user:password@host:587 or smtps://...:465; empty: no mail.',
    }),
  smtpTimeoutMs: count.default(30_000).describe('Time after which the mail server counts as away, ms.'),
  mailFrom: z.string().default('').describe('Sender of the mails, as Vigia <vigia@example.org>.'),
  mailTo: z.string().default('').describe('Who gets the mails: addresses with commas between.'),
  noticeRetryMs: count
    .default(5_000)
    .describe(
      'Pause before the second attempt to tell of an alert, ms; each further one doubles it, up to 10 minutes.',
    ),
  noticeAttempts: count.default(12).describe('Attempts, by webhook or by mail, before a notice is given up.'),
  caseLookMs: count
    .default(1_000)
    .describe('Time between looks for payments to review and for holds that ran out, ms.'),
  overdueHoldsAre: holdEnd
    .default('ran_out')
    .describe(
      'What a hold becomes that nobody ended: `released`, `cancelled`, or `ran_out` where whoever has the money decides.',
    ),
  contestAt: z
    .string()
    .default('')
    .describe('Where a data subject may contest a decision, as the review says it: an address or a phone number.'),
  gaugeRefreshSeconds: count
    .default(30)
    .describe('Time between looks at the record and the queues, for metrics and what alerts asked for, seconds.'),
  apiKeysFile: z.string().default('.vigia/api-keys.json').describe('JSON file of the API keys: hashed, with scopes.'),
});
export type MonitoringConfig = z.output<typeof monitoringConfig>;
