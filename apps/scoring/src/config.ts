import { PROTO_PACKAGE, PROTO_PATH } from '@vigia/contracts';
import { serviceSettings } from '@vigia/platform';
import { policySettings } from '@vigia/policy';
import { z } from 'zod';

const count = z.coerce.number().int().positive();
const hours = z.coerce.number().positive();

/** A JSON object in one setting, checked by a schema of its own. */
const policyOverrides = z
  .string()
  .default('{}')
  .transform((text, context) => {
    try {
      const result = policySettings.safeParse(JSON.parse(text));
      if (result.success) return result.data;
      context.addIssue(z.prettifyError(result.error));
    } catch {
      context.addIssue('is not JSON');
    }
    return z.NEVER;
  });

/** Settings of the scoring service, from the environment. */
export const scoringConfig = serviceSettings.extend({
  port: serviceSettings.shape.port.unwrap().default(3001).describe('TCP port of HTTP; 0 takes a free one.'),
  grpcPort: count.max(65_535).default(4001).describe('TCP port of gRPC.'),
  redisUrl: z.string().default('redis://127.0.0.1:6379').describe('Valkey or Redis >= 7 that holds the windows.'),
  redisTimeoutMs: count.default(50).describe('Time after which the online store counts as away, ms.'),
  redisPrefix: z.string().default('vigia').describe('First part of every key in the online store.'),
  idempotencyHours: hours
    .default(48)
    .describe('Time within which a repeated EndToEndId counts once in windows, hours.'),
  databaseUrl: z
    .string()
    .meta({ secret: true, description: 'PostgreSQL >= 15 that holds the record, as postgres://user@host/database.' }),
  databaseTimeoutMs: count.default(1_000).describe('Time after which a commit counts as failed, ms.'),
  spoolDirectory: z
    .string()
    .default('.vigia/spool')
    .describe('Local directory for records while PostgreSQL is away; it must survive a restart.'),
  featureSet: z.enum(['pix', 'handbook']).default('pix').describe('Declared feature set that is served.'),
  modelUri: z.string().default('').describe('Model bundle as file:PATH; empty decides by policy alone.'),
  policyDirectory: z.string().default('').describe('Directory of the JDM files; empty takes those that ship.'),
  policySettings: policyOverrides.describe('JSON object that overrides settings of the policy by name.'),
  blockedPartiesFile: z
    .string()
    .default('')
    .describe('File of pseudonyms under suspicion, one a line; empty for none.'),
  apiKeysFile: z.string().default('.vigia/api-keys.json').describe('JSON file of the API keys: hashed, with scopes.'),
  pseudonymSecret: z
    .string()
    .min(32)
    .meta({ secret: true, description: 'Secret of the HMAC that replaces identifiers, at least 32 characters.' }),
  pseudonymKeyVersion: count.max(9_999).default(1).describe('Version of that secret.'),
  clockToleranceHours: hours.default(12).describe('How far acceptedAt may lie from the clock, hours (SPI: 12).'),
  endToEndIdToleranceHours: hours
    .default(12)
    .describe('How far the minute in the EndToEndId may lie from acceptedAt, hours (SPI: 12).'),
});
export type ScoringConfig = z.output<typeof scoringConfig>;

export const GRPC = { protoPath: PROTO_PATH, package: PROTO_PACKAGE };
