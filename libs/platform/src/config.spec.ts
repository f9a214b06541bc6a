import { z } from 'zod';
import { ConfigError, environmentName, parseConfig, settingsOf } from './config.js';
import { serviceSettings } from './service-settings.js';

const schema = z.object({
  maxInFlight: z.coerce.number().int().positive().default(512).describe('Requests at once.'),
  logLevel: z.enum(['info', 'debug']).default('info').describe('Least level that is logged.'),
  databaseUrl: z.url().meta({ secret: true, description: 'Where the ledger is.' }),
  proxyUrl: z.url().optional().describe('Proxy for calls to the outside.'),
});

const messageOf = (env: Record<string, string>): string => {
  try {
    parseConfig(schema, env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
  }
  throw new Error('the settings were accepted');
};

test('names in the environment are SCREAMING_SNAKE of the key', () => {
  expect(['port', 'maxInFlight', 'maxLoopDelayMs', 'endToEndIdToleranceHours'].map(environmentName)).toEqual([
    'PORT',
    'MAX_IN_FLIGHT',
    'MAX_LOOP_DELAY_MS',
    'END_TO_END_ID_TOLERANCE_HOURS',
  ]);
});

test('unset and empty settings take their default, others are read', () => {
  const env = { DATABASE_URL: 'postgres://db/vigia', MAX_IN_FLIGHT: '', LOG_LEVEL: 'debug', UNRELATED: 'x' };
  expect(parseConfig(schema, env)).toEqual({
    databaseUrl: 'postgres://db/vigia',
    maxInFlight: 512,
    logLevel: 'debug',
  });
});

test('every bad setting is named with its problem and its remedy, in one error', () => {
  const message = messageOf({ MAX_IN_FLIGHT: '-3', LOG_LEVEL: 'loud' });
  expect(message).toContain('- MAX_IN_FLIGHT is "-3": Too small');
  expect(message).toContain('Wanted: Requests at once. Unset it for the default 512.');
  expect(message).toContain('- LOG_LEVEL is "loud": Invalid option: expected one of "info"|"debug"');
  expect(message).toContain('- DATABASE_URL is not set');
  expect(message).toContain('Wanted: Where the ledger is. It is required.');
});

test('the value of a secret stays out of the error', () => {
  const message = messageOf({ DATABASE_URL: 'hunter2' });
  expect(message).toContain('- DATABASE_URL is set: Invalid URL');
  expect(message).not.toContain('hunter2');
});

test('the settings can be listed for the docs', () => {
  expect(settingsOf(schema)).toEqual([
    { name: 'MAX_IN_FLIGHT', default: '512', description: 'Requests at once.', secret: false },
    { name: 'LOG_LEVEL', default: 'info', description: 'Least level that is logged.', secret: false },
    { name: 'DATABASE_URL', default: undefined, description: 'Where the ledger is.', secret: true },
    { name: 'PROXY_URL', default: 'unset', description: 'Proxy for calls to the outside.', secret: false },
  ]);
});

test('every setting of a service has a default and a sentence', () => {
  for (const line of settingsOf(serviceSettings)) {
    expect(line.default).toBeDefined();
    expect(line.description).toMatch(/^[A-Z].*\.$/);
  }
});
