import { serviceSettings } from '@vigia/platform';
import { z } from 'zod';

const count = z.coerce.number().int().positive();

/** Settings of the ingestion service, from the environment. */
export const ingestionConfig = serviceSettings.extend({
  port: serviceSettings.shape.port.unwrap().default(3002).describe('TCP port of HTTP; 0 takes a free one.'),
  requestTimeoutMs: serviceSettings.shape.requestTimeoutMs
    .unwrap()
    .default(3_600_000)
    .describe('Time to receive a whole request, ms, 0 for no limit; an import is one request.'),
  scoringAddress: z
    .string()
    .default('127.0.0.1:4001')
    .describe('gRPC address of scoring; dns:///NAME:PORT spreads calls over all addresses of the name.'),
  scoringApiKey: z
    .string()
    .min(1)
    .meta({ secret: true, description: 'API key with the scope assess that scoring knows.' }),
  scoringDeadlineMs: count.default(2_000).describe('Time after which a call to scoring counts as failed, ms.'),
  importConcurrency: count
    .max(1_024)
    .default(32)
    .describe('Payments of one import that are with scoring at once; also the answers held for a slow reader.'),
  importAttempts: count
    .default(5)
    .describe('Calls for one payment of an import while scoring is away, before the import stops.'),
  databaseUrl: z
    .string()
    .meta({ secret: true, description: 'PostgreSQL >= 15 that holds the record, as postgres://user@host/database.' }),
  databaseTimeoutMs: count.default(2_000).describe('Time after which a query counts as failed, ms.'),
  redisUrl: z.string().default('redis://127.0.0.1:6379').describe('Valkey or Redis >= 7 that holds the windows.'),
  redisTimeoutMs: count.default(250).describe('Time after which the online store counts as away, ms.'),
  redisPrefix: z.string().default('vigia').describe('First part of every key in the online store, as scoring has it.'),
  featureSet: z.enum(['pix', 'handbook']).default('pix').describe('Declared feature set that scoring serves.'),
  labelRetryMs: count.default(1_000).describe('Time between attempts to bring waiting labels to the store, ms.'),
  apiKeysFile: z.string().default('.vigia/api-keys.json').describe('JSON file of the API keys: hashed, with scopes.'),
});
export type IngestionConfig = z.output<typeof ingestionConfig>;

/** Bodies that handlers read themselves: SPI messages up to the body limit, imports without end. */
export const RAW_BODIES = {
  'application/xml': 'stream',
  'text/xml': 'stream',
  'application/x-ndjson': 'stream',
} as const;
