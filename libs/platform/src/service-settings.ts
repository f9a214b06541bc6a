import { z } from 'zod';
import { LOG_LEVELS } from './log.js';

const ms = (byDefault: number, description: string) =>
  z.coerce.number().int().min(0).default(byDefault).describe(description);

/** What every service can be told; apps add their own by `serviceSettings.extend({ ... })`. */
export const serviceSettings = z.object({
  host: z.string().default('0.0.0.0').describe('Address that HTTP and gRPC listen on.'),
  port: z.coerce.number().int().min(0).max(65_535).default(3000).describe('TCP port of HTTP; 0 takes a free one.'),
  bodyLimitBytes: z.coerce
    .number()
    .int()
    .positive()
    .default(262_144)
    .describe('Largest body of a request, bytes; more is answered 413.'),
  requestTimeoutMs: ms(10_000, 'Time to receive a whole request, ms; 0 for no limit.'),
  keepAliveTimeoutMs: ms(72_000, 'Time an idle connection is kept, ms; longer than the load balancer keeps it.'),
  maxInFlight: z.coerce
    .number()
    .int()
    .positive()
    .default(512)
    .describe('Requests worked on at once; one more is answered 503.'),
  maxLoopDelayMs: ms(200, 'Delay of the event loop, ms, beyond which new requests are answered 503.'),
  shutdownGraceMs: ms(
    5_000,
    'Time between "not ready" and refusing requests, ms: what the load balancer needs to see it.',
  ),
  drainTimeoutMs: ms(15_000, 'Time that requests in flight get to finish at shutdown, ms.'),
  logLevel: z
    .enum(LOG_LEVELS)
    .default('info')
    .describe(`Least level that is logged: ${LOG_LEVELS.join(', ')}.`),
});
export type ServiceSettings = z.output<typeof serviceSettings>;
