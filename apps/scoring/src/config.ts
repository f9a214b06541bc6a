import { PROTO_PACKAGE, PROTO_PATH, policyName } from '@vigia/contracts';
import { parseModelUri, type ModelUri } from '@vigia/model';
import { serviceSettings } from '@vigia/platform';
import { policySettings } from '@vigia/policy';
import { credentialSettings } from '@vigia/registry';
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

const modelUri = (description: string) =>
  z
    .string()
    .default('')
    .transform((uri, context): ModelUri | null => {
      try {
        return uri === '' ? null : parseModelUri(uri, process.cwd());
      } catch (error) {
        context.addIssue(error instanceof Error ? error.message : String(error));
        return z.NEVER;
      }
    })
    .describe(description);

const settings = serviceSettings.extend({
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
  modelUri: modelUri(
    'Model that decides: models:/NAME@champion, models:/NAME/VERSION or file:PATH; empty decides by policy alone.',
  ),
  challengerUri: modelUri(
    'Model that is scored beside it, in the same forms, as models:/NAME@challenger; empty for none.',
  ),
  canaryShare: z.coerce
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe('Share of the payers, by a hash, for whom the challenger decides, 0 to 1.'),
  mlflowUrl: z
    .union([z.literal(''), z.url({ protocol: /^https?$/, error: 'is not a URL as http://HOST:PORT' })])
    .default('')
    .describe('MLflow whose registry models:/ names, as http://HOST:PORT.'),
  ...credentialSettings,
  modelCacheDirectory: z
    .string()
    .default('.vigia/models')
    .describe('Local directory of the bundles fetched; the last good one decides while MLflow is away.'),
  modelPollSeconds: z.coerce
    .number()
    .positive()
    .max(86_400)
    .default(10)
    .describe('Time between two questions to the registry, seconds.'),
  policyFrom: z
    .enum(['ledger', 'file'])
    .default('ledger')
    .describe('Which policy decides: ledger (what was published there, until then the file) or file (that alone).'),
  policyName: policyName.default('pix').describe('Name of the policy: of the JDM file, and as it is published.'),
  policyDirectory: z.string().default('').describe('Directory of the JDM files; empty takes those that ship.'),
  policySettings: policyOverrides.describe('JSON object that overrides settings of the policy by name.'),
  policyCacheDirectory: z
    .string()
    .default('.vigia/policies')
    .describe('Local directory of the last good policy, which decides while PostgreSQL is away at the start.'),
  policyPollSeconds: z.coerce
    .number()
    .positive()
    .max(86_400)
    .default(10)
    .describe('Time between two looks for a policy that was published, seconds.'),
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

/** Settings of the scoring service, from the environment. */
export const scoringConfig = settings.superRefine((config, context) => {
  const refuse = (path: keyof typeof config, message: string): void =>
    context.addIssue({ code: 'custom', path: [path], message });
  for (const uri of [config.modelUri, config.challengerUri]) {
    if (uri === null || uri.kind === 'file' || config.mlflowUrl !== '') continue;
    refuse('mlflowUrl', 'a models:/ URI needs it: set the address of MLflow, or name the model by file:PATH');
    break;
  }
  if (config.canaryShare > 0 && config.challengerUri === null) {
    refuse('canaryShare', 'there is no challenger to decide: set CHALLENGER_URI, or 0');
  }
});
export type ScoringConfig = z.output<typeof scoringConfig>;

export const GRPC = { protoPath: PROTO_PATH, package: PROTO_PACKAGE };
