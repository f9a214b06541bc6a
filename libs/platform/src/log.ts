import type { LoggerService } from '@nestjs/common';
import { Fault, type FaultKind } from '@vigia/contracts';
import { pino, type DestinationStream, type Logger } from 'pino';

export type { Logger };

export const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Fields that hold identifiers or secrets. None should reach a log; should one, at depth 3 or less, it is cut out. */
const REDACTED = [
  ...['payer', 'payee', 'device', 'taxId', 'initiatorTaxId', 'key', 'ip', 'remittanceInformation'],
  ...['authorization', '["x-api-key"]', 'password', 'secret', 'apiKey'],
];

/** Nest's own start-up lines, of use only to who debugs the wiring. */
const FRAMEWORK = new Set(['NestFactory', 'InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestApplication']);

const LEVEL_OF_KIND = { caller: 'debug', weather: 'warn', ours: 'error' } as const satisfies Record<
  FaultKind,
  LogLevel
>;

/**
 * JSON lines `{level, time, service, version, msg, ...}`, time in ms since the epoch.
 * @param destination where the lines go; standard output when absent.
 */
export function createLogger(
  options: { service: string; version: string; level: LogLevel },
  destination?: DestinationStream,
): Logger {
  const settings = {
    level: options.level,
    base: { service: options.service, version: options.version },
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: REDACTED.flatMap(atDepths), censor: '[redacted]' },
    serializers: { err: describeError },
  };
  return destination === undefined ? pino(settings) : pino(settings, destination);
}

/** Logs a fault at the level of who must act: the caller's at debug, the weather's at warn, ours at error. */
export function logFault(logger: Logger, fault: Fault, context: Record<string, unknown> = {}): void {
  const line = { code: fault.code, kind: fault.kind, ...context };
  if (fault.kind === 'caller') logger.debug(line, fault.message);
  else logger[LEVEL_OF_KIND[fault.kind]]({ ...line, err: fault.cause ?? fault }, fault.message);
}

/**
 * An error as fields: type, message, stack, code, and its causes. Other properties are left out on purpose:
 * drivers put row values and addresses there (`detail` of PostgreSQL).
 */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error };
  const code: unknown = 'code' in error ? error.code : undefined;
  return {
    type: error.name,
    message: error.message,
    stack: error.stack,
    ...(typeof code === 'string' || typeof code === 'number' ? { code } : {}),
    ...(error.cause === undefined ? {} : { cause: describeError(error.cause) }),
  };
}

/** Nest's logger on pino. The last string argument is Nest's context, an `Error` becomes `err`. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.write(FRAMEWORK.has(String(rest.at(-1))) ? 'debug' : 'info', message, rest);
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }

  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }

  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }

  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }

  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  private write(level: Exclude<LogLevel, 'silent'>, message: unknown, rest: unknown[]): void {
    const context = rest.at(-1);
    const err = [message, ...rest].find((part) => part instanceof Error);
    const stack = level === 'error' && rest.length > 1 && typeof rest[0] === 'string' ? rest[0] : undefined;
    this.logger[level](
      {
        ...(typeof context === 'string' ? { context } : {}),
        ...(err === undefined ? {} : { err }),
        ...(stack === undefined ? {} : { stack }),
      },
      message instanceof Error ? message.message : String(message),
    );
  }
}

function atDepths(path: string): string[] {
  const dotted = path.startsWith('[') ? path : `.${path}`;
  return [path, `*${dotted}`, `*.*${dotted}`];
}
