import { PROTO_PACKAGE, PROTO_PATH } from '@vigia/contracts';
import { serviceSettings } from '@vigia/platform';
import { z } from 'zod';

const count = z.coerce.number().int().positive();

/** `file:PATH` of model bundles, with commas between them. */
const modelUris = z
  .string()
  .default('')
  .transform((text) => text.split(',').flatMap((uri) => (uri.trim() === '' ? [] : [uri.trim()])))
  .refine((uris) => uris.every((uri) => /^file:.+/.test(uri)), 'each must be file:PATH');

/** Settings of the feature store, from the environment. */
export const featureStoreConfig = serviceSettings.extend({
  port: serviceSettings.shape.port.unwrap().default(3003).describe('TCP port of HTTP; 0 takes a free one.'),
  grpcPort: count.max(65_535).default(4003).describe('TCP port of gRPC.'),
  redisUrl: z
    .string()
    .default('redis://127.0.0.1:6379')
    .describe('Valkey or Redis >= 7 that holds the windows and the queues of jobs.'),
  redisTimeoutMs: count.default(1_000).describe('Time after which the online store or a queue counts as away, ms.'),
  redisPrefix: z.string().default('vigia').describe('First part of every key in the online store, as scoring has it.'),
  queuePrefix: z
    .string()
    .default('{vigia}:jobs')
    .describe('First part of every key of the queues; in braces what keeps them on one node of a Cluster.'),
  databaseUrl: z
    .string()
    .meta({ secret: true, description: 'PostgreSQL >= 15 that holds the record, as postgres://user@host/database.' }),
  databaseTimeoutMs: count.default(30_000).describe('Time after which a query counts as failed, ms.'),
  featureSet: z.enum(['pix', 'handbook']).default('pix').describe('Declared feature set that scoring serves.'),
  modelUris: modelUris.describe('Model bundles that are in use, as file:PATH, with commas between; for the catalogue.'),
  trainingSetDirectory: z
    .string()
    .default('.vigia/training-sets')
    .describe('Directory of the training sets, one directory each.'),
  offlineMemoryMb: count.default(1_024).describe('Memory of one offline computation (DuckDB), MB; more goes to disk.'),
  offlineThreads: count.default(2).describe('Threads of one offline computation.'),
  offlineDirectory: z
    .string()
    .default('.vigia/offline')
    .describe('Directory for what an offline computation cannot hold in memory.'),
  clockToleranceHours: z.coerce
    .number()
    .positive()
    .default(12)
    .describe('How far acceptedAt of a payment may lie from its arrival, hours, as scoring has it.'),
  labelDelayDays: z.coerce
    .number()
    .min(0)
    .default(7)
    .describe('Time that a label usually takes, days: stands in the manifest of a training set.'),
  backfillTailCalls: count
    .default(200_000)
    .describe('Payments and labels that wait in Valkey, at most, while a backfill takes over; half a KB each.'),
  auditEveryMinutes: z.coerce
    .number()
    .int()
    .min(0)
    .default(0)
    .describe('Time between audits of the vectors served, minutes; each covers that time. 0 for none.'),
  auditDirectory: z.string().default('.vigia/audits').describe('Directory of the reports of audits, one file a range.'),
  gaugeRefreshSeconds: count
    .default(60)
    .describe('Time between looks at the online state and the queues for the metrics, seconds.'),
  apiKeysFile: z.string().default('.vigia/api-keys.json').describe('JSON file of the API keys: hashed, with scopes.'),
  pseudonymSecret: z
    .string()
    .min(32)
    .meta({ secret: true, description: 'Secret of the HMAC that replaces identifiers, as scoring has it.' }),
  pseudonymKeyVersion: count.max(9_999).default(1).describe('Version of that secret.'),
});
export type FeatureStoreConfig = z.output<typeof featureStoreConfig>;

export const GRPC = { protoPath: PROTO_PATH, package: PROTO_PACKAGE };
