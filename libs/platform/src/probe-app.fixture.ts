import { Readable } from 'node:stream';
import {
  Body,
  Controller,
  Get,
  HttpCode,
  Module,
  Post,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { GrpcMethod, Payload } from '@nestjs/microservices';
import { Fault, payment, type Payment } from '@vigia/contracts';
import { z } from 'zod';
import { Caller, Scope } from './api-key-guard.js';
import { ApiKeys, digestApiKey, mintApiKey, type ApiScope } from './api-keys.js';
import { createLogger } from './log.js';
import { serviceSettings } from './service-settings.js';
import { startService, type Service, type ServiceOptions } from './service.js';

const order = z.strictObject({ amount: z.string(), item: z.strictObject({ count: z.int().default(1) }) }).meta({
  id: 'Order',
});

/** Requests to `/orders/wait` stand still until this is called. */
export const waiting: (() => void)[] = [];

/** A small app that goes wrong in every way. */
@Controller('orders')
export class Orders {
  @Post()
  @HttpCode(200)
  @Scope('assess')
  create(@Body({ schema: order }) body: z.output<typeof order>, @Caller() caller: string) {
    return { caller, body };
  }

  @Get('wait')
  @Scope('read')
  async wait() {
    await new Promise<void>((resolve) => waiting.push(resolve));
    return { waited: true };
  }

  @Get('fault')
  @Scope('read')
  fault() {
    throw new Fault('dependency_unavailable', { detail: 'The ledger is away.', retryAfterS: 3 });
  }

  @Get('crash')
  @Scope('read')
  crash() {
    throw new Error('password=SECRET');
  }

  @Get('unscoped')
  unscoped() {
    return 'open';
  }

  @Post('raw')
  @HttpCode(200)
  @Scope('ingest')
  async raw(@Body() body: Buffer | Readable) {
    if (Buffer.isBuffer(body)) return { form: 'buffer', bytes: body.length };
    let bytes = 0;
    for await (const chunk of body) bytes += (chunk as Buffer).length;
    return { form: 'stream', bytes };
  }
}

@Controller()
export class Assessments {
  @GrpcMethod('Scoring', 'Assess')
  @Scope('assess')
  assess(@Payload({ schema: payment }) body: Payment, @Caller() caller: string) {
    return { endToEndId: body.endToEndId, side: body.side, decision: 'approve', warnings: [caller] };
  }
}

/** Counts how often Nest started and ended it. */
export class Lifecycle implements OnModuleInit, OnApplicationShutdown {
  started = 0;
  ended = 0;

  onModuleInit(): void {
    this.started += 1;
  }

  onApplicationShutdown(): void {
    this.ended += 1;
  }
}

@Module({ controllers: [Orders, Assessments], providers: [Lifecycle] })
export class ProbeApp {}

export const probeKeys = { full: mintApiKey(), reader: mintApiKey(), slow: mintApiKey() };

/** The probe app on a free port, with the keys of {@link probeKeys}; its log goes to `lines`. */
export async function startProbe(
  options: Partial<ServiceOptions> & { settings?: Record<string, unknown> } = {},
): Promise<Service & { lines: string[] }> {
  const lines: string[] = [];
  const { settings, ...rest } = options;
  const logger = createLogger(
    { service: 'probe', version: '1.2.3', level: 'debug' },
    { write: (line: string) => void lines.push(line) },
  );
  const all: ApiScope[] = ['assess', 'ingest', 'outcomes', 'read', 'admin'];
  const service = await startService({
    module: ProbeApp,
    // The tests share the machine: a busy event loop must not refuse their requests.
    config: serviceSettings.parse({
      port: 0,
      host: '127.0.0.1',
      shutdownGraceMs: 0,
      maxLoopDelayMs: 60_000,
      ...settings,
    }),
    name: 'probe',
    version: '1.2.3',
    apiKeys: new ApiKeys([
      { name: 'full', sha256: digestApiKey(probeKeys.full), scopes: all },
      { name: 'reader', sha256: digestApiKey(probeKeys.reader), scopes: ['read'] },
      { name: 'slow', sha256: digestApiKey(probeKeys.slow), scopes: ['assess'], ratePerSecond: 0.01, burst: 1 },
    ]),
    logger,
    ...rest,
  });
  return { ...service, lines };
}
