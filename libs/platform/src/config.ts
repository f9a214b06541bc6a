import { z } from 'zod';

/** One line of the settings table in the docs. */
export interface SettingLine {
  /** Name in the environment, SCREAMING_SNAKE of the key. */
  name: string;
  /** What applies when it is unset; `undefined` when the setting is required. */
  default: string | undefined;
  description: string;
  secret: boolean;
}

/** A setting whose value must never be printed: `z.string().meta({ secret: true, description })`. */
declare module 'zod' {
  interface GlobalMeta {
    secret?: boolean | undefined;
  }
}

/** Thrown when settings don't fit; its message lists all of them, each with its problem and remedy. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Settings of an app from the environment. Keys are camelCase, names in the environment SCREAMING_SNAKE of the key;
 * an empty value counts as unset.
 * @throws {ConfigError} naming every bad setting; values of secrets are not repeated.
 */
export function parseConfig<S extends z.ZodObject>(schema: S, env: Record<string, string | undefined>): z.output<S> {
  const values: Record<string, string> = {};
  for (const key of Object.keys(schema.shape)) {
    const value = env[environmentName(key)];
    if (value !== undefined && value !== '') values[key] = value;
  }
  const result = schema.safeParse(values);
  if (result.success) return result.data;
  const lines = new Map(settingsOf(schema).map((line) => [line.name, line]));
  const problems = result.error.issues.map((issue) => {
    const key = String(issue.path[0] ?? '');
    return problemLine(lines.get(environmentName(key)), key, values[key], issue.message);
  });
  throw new ConfigError(`Bad settings in the environment:\n${problems.join('\n')}`);
}

/** What the docs must say of each setting, in the schema's order. */
export function settingsOf(schema: z.ZodObject): SettingLine[] {
  return Object.entries(schema.shape).map(([key, type]) => {
    const meta = metaOf(type as z.core.$ZodType);
    return { name: environmentName(key), default: meta.default, description: meta.description, secret: meta.secret };
  });
}

/** `maxInFlight` -> `MAX_IN_FLIGHT`. */
export function environmentName(key: string): string {
  return key.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase();
}

function problemLine(line: SettingLine | undefined, key: string, value: string | undefined, message: string): string {
  if (line === undefined) return `- ${key}: ${message}`;
  const given = value === undefined ? 'is not set' : line.secret ? 'is set' : `is ${JSON.stringify(value)}`;
  const fallback = line.default === undefined ? 'It is required' : `Unset it for the default ${line.default}`;
  return `- ${line.name} ${given}: ${message}. Wanted: ${line.description} ${fallback}.`;
}

/** Description, secrecy and default may sit on any wrapper (`.default()`, `.optional()`) around the type. */
function metaOf(type: z.core.$ZodType): { description: string; secret: boolean; default: string | undefined } {
  let description = '';
  let secret = false;
  let fallback: string | undefined;
  for (let at: z.core.$ZodType | undefined = type; at !== undefined; at = innerOf(at)) {
    const meta = z.globalRegistry.get(at);
    description ||= meta?.description ?? '';
    secret ||= meta?.secret === true;
    if (at instanceof z.ZodOptional) fallback ??= 'unset';
    if (at instanceof z.ZodDefault) fallback ??= String(at._zod.def.defaultValue);
  }
  return { description, secret, default: fallback === '' ? 'empty' : fallback };
}

function innerOf(type: z.core.$ZodType): z.core.$ZodType | undefined {
  if (type instanceof z.ZodDefault || type instanceof z.ZodOptional) return type._zod.def.innerType;
  if (type instanceof z.ZodPipe) return type._zod.def.in;
  return undefined;
}
