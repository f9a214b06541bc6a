import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Module, StandardSchemaValidationPipe, type DynamicModule, type Provider, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Transport, type GrpcOptions, type NestMicroservice } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ApiKeyGuard } from './api-key-guard.js';
import { ApiKeys } from './api-keys.js';
import { GrpcAdmission } from './grpc-admission.js';
import { Health } from './health.js';
import { addHttpHooks } from './http-hooks.js';
import { parseJsonBody } from './json-body.js';
import { NestLogger, createLogger, type Logger } from './log.js';
import { Metrics } from './metrics.js';
import { addOpenApi } from './openapi.js';
import { addOperationalRoutes } from './operations.js';
import { Admission } from './overload.js';
import { ProblemFilter } from './problem-filter.js';
import { invalidRequest, toFault } from './problem.js';
import type { ServiceSettings } from './service-settings.js';

/** The process's pino logger, to be injected: `@Inject(LOGGER) logger: Logger`. */
export const LOGGER = Symbol('logger');

export interface ServiceOptions {
  /** The app's only module. It may inject {@link LOGGER}, `Metrics`, `Health`, `Admission` and `ApiKeys`. */
  module: Type | DynamicModule;
  config: ServiceSettings;
  /** Name of the app, as `scoring`: in the log, the metrics and the API description. */
  name: string;
  version: string;
  /** Who may call. Without keys every handler answers 401. */
  apiKeys: ApiKeys;
  /** `protoPath` absolute; `package` as in the file; `port` 1 to 65535. */
  grpc?: { protoPath: string | string[]; package: string | string[]; port: number };
  /** Content types besides JSON that handlers get as they are: whole as a `Buffer` (up to the body limit) or as a stream. */
  rawBodies?: Record<string, 'buffer' | 'stream'>;
  /** Logger of the process; made from the settings when absent. */
  logger?: Logger;
}

export interface Service {
  app: NestFastifyApplication;
  /** As `http://127.0.0.1:3000`. */
  url: string;
  logger: Logger;
  /** Drains and ends: not ready, grace, refuse, finish what is in flight, close. May be called twice. */
  close(): Promise<void>;
}

/** Time that connections and the app's own parts get to close, once nothing is in flight. */
const CLOSE_TIMEOUT_MS = 5_000;

/** The kit as a global module. */
@Module({})
class Kit {}

/** The parts of the kit that an app may inject. */
interface Parts {
  logger: Logger;
  metrics: Metrics;
  health: Health;
  admission: Admission;
  apiKeys: ApiKeys;
}

/** Starts an app on Fastify, and on gRPC when asked, with all that the kit does; touches nothing global. */
export async function startService(options: ServiceOptions): Promise<Service> {
  const { config, name, version } = options;
  const logger = options.logger ?? createLogger({ service: name, version, level: config.logLevel });
  const parts: Parts = {
    logger,
    metrics: new Metrics(name, version),
    health: new Health((check, error) => logger.warn({ check, err: error }, 'a health check failed')),
    admission: new Admission(config),
    apiKeys: options.apiKeys,
  };
  const state = { draining: false };
  const filter = new ProblemFilter(logger, parts.metrics);
  const app = await NestFactory.create<NestFastifyApplication>(
    rootOf(options.module, parts),
    adapterOf(config, filter),
    {
      logger: new NestLogger(logger),
      bodyParser: false,
      abortOnError: false,
    },
  );
  app.useGlobalFilters(filter);
  app.useGlobalGuards(new ApiKeyGuard(parts.apiKeys));
  app.useGlobalPipes(validationPipe());

  const http = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  addHttpHooks(http, { ...parts, draining: () => state.draining });
  addBodyParsers(http, options.rawBodies ?? {});
  addOperationalRoutes(http, parts.health, parts.metrics);
  addOpenApi(app, name, version);
  if (options.grpc !== undefined) connectGrpc(app, options.grpc, config.host, parts, filter);
  observeProcess(parts);

  await app.init();
  await app.startAllMicroservices();
  await app.listen(config.port, config.host);
  const url = (await app.getUrl()).replace(/\/\/(\[::1?\]|0\.0\.0\.0)/, '//127.0.0.1');
  logger.info({ url, ...(options.grpc === undefined ? {} : { grpcPort: options.grpc.port }) }, 'listening');

  let closing: Promise<void> | undefined;
  return { app, url, logger, close: () => (closing ??= drain(app, config, parts, state)) };
}

async function drain(
  app: NestFastifyApplication,
  config: ServiceSettings,
  { logger, health, admission }: Parts,
  state: { draining: boolean },
): Promise<void> {
  logger.info({ inFlight: admission.inFlight }, 'draining');
  state.draining = true;
  health.drain();
  await sleep(config.shutdownGraceMs);
  admission.close();
  if (!(await within(config.drainTimeoutMs, admission.drained()))) {
    logger.error({ inFlight: admission.inFlight }, 'requests did not finish in time and are cut off');
    app.getHttpServer().closeAllConnections();
  }
  admission.unwatch();
  // A gRPC call that hangs would hold the close for ever.
  if (await within(CLOSE_TIMEOUT_MS, app.close())) logger.info('closed');
  else logger.error(`did not close within ${CLOSE_TIMEOUT_MS} ms`);
}

/** Whether the work ended within the time. */
async function within(timeoutMs: number, work: Promise<void>): Promise<boolean> {
  const stop = new AbortController();
  const late = sleep(timeoutMs, false, { signal: stop.signal }).catch(() => false);
  const ended = await Promise.race([work.then(() => true), late]);
  stop.abort();
  return ended;
}

/** Fastify as this platform wants it. Errors that it meets by itself become faults before any filter sees them. */
function adapterOf(config: ServiceSettings, filter: ProblemFilter): FastifyAdapter {
  class Adapter extends FastifyAdapter {
    override mapException(error: unknown): unknown {
      return toFault(error);
    }
  }
  return new Adapter({
    trustProxy: false,
    bodyLimit: config.bodyLimitBytes,
    requestTimeout: config.requestTimeoutMs,
    keepAliveTimeout: config.keepAliveTimeoutMs,
    // While it closes the admission answers, with a problem document.
    return503OnClosing: false,
    genReqId: () => randomUUID(),
    frameworkErrors: (error: Error, request: FastifyRequest, reply: FastifyReply) =>
      filter.answer(error, request, reply),
  });
}

function addBodyParsers(http: FastifyInstance, rawBodies: Record<string, 'buffer' | 'stream'>): void {
  http.removeAllContentTypeParsers();
  http.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_, body, done) => {
    try {
      done(null, parseJsonBody(body as Buffer));
    } catch (error) {
      done(error as Error);
    }
  });
  for (const [type, form] of Object.entries(rawBodies)) {
    if (form === 'buffer') http.addContentTypeParser(type, { parseAs: 'buffer' }, (_, body, done) => done(null, body));
    else http.addContentTypeParser(type, (_, stream, done) => done(null, stream));
  }
}

/** Guard, filter, pipe and interceptor of the app hold for gRPC too: a microservice takes none of its own once it is made. */
function connectGrpc(
  app: NestFastifyApplication,
  grpc: NonNullable<ServiceOptions['grpc']>,
  host: string,
  parts: Parts,
  filter: ProblemFilter,
): void {
  const transport: GrpcOptions = {
    transport: Transport.GRPC,
    options: {
      protoPath: grpc.protoPath,
      package: grpc.package,
      url: `${host}:${grpc.port}`,
      gracefulShutdown: true,
      // Absent stays absent, so that the schema's own defaults apply.
      loader: { keepCase: false, longs: Number, enums: String, defaults: false, arrays: true },
    },
  };
  // Its own configuration, since an interceptor of the app would cost every HTTP request too. Without the deferral Nest
  // binds the handlers at once, and what is added below would never run.
  const microservice = app.connectMicroservice<GrpcOptions>(transport, {
    deferInitialization: true,
  }) as NestMicroservice;
  // The hooks of the app's parts are run by app.init(), and only there.
  microservice.setIsInitHookCalled(true);
  microservice.useGlobalFilters(filter);
  microservice.useGlobalGuards(new ApiKeyGuard(parts.apiKeys));
  microservice.useGlobalPipes(validationPipe());
  microservice.useGlobalInterceptors(new GrpcAdmission(parts.admission, parts.metrics));
}

function observeProcess({ metrics, admission }: Parts): void {
  metrics.collectProcess();
  metrics.gauge('requests_in_flight', 'Requests being worked on.', [], () => admission.inFlight);
  metrics.gauge(
    'loop_delay_seconds',
    'Delay of the event loop at its last sample.',
    [],
    () => admission.loopDelayMs / 1_000,
  );
  admission.watch();
}

function validationPipe(): StandardSchemaValidationPipe {
  return new StandardSchemaValidationPipe({ exceptionFactory: (issues) => invalidRequest(issues) });
}

function rootOf(module: Type | DynamicModule, parts: Parts): DynamicModule {
  const providers: Provider[] = [
    { provide: LOGGER, useValue: parts.logger },
    { provide: Metrics, useValue: parts.metrics },
    { provide: Health, useValue: parts.health },
    { provide: Admission, useValue: parts.admission },
    { provide: ApiKeys, useValue: parts.apiKeys },
  ];
  const tokens = [LOGGER, Metrics, Health, Admission, ApiKeys];
  return { module: Kit, global: true, providers, exports: tokens, imports: [module] };
}

/**
 * What `main.ts` calls: starts, drains on SIGTERM or SIGINT and exits 0; a failed start, an unhandled rejection or an
 * uncaught exception is logged and exits 1. A second signal exits at once.
 */
export async function runService(start: () => Promise<Service>): Promise<void> {
  let service: Service | undefined;
  const die = (error: unknown): void => {
    if (service === undefined) process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    else service.logger.fatal({ err: error }, 'ending');
    process.exit(1);
  };
  process.on('unhandledRejection', die);
  process.on('uncaughtException', die);
  try {
    service = await start();
  } catch (error) {
    return die(error);
  }
  const { close } = service;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      process.once(signal, () => process.exit(1));
      void close().then(() => process.exit(0), die);
    });
  }
}
