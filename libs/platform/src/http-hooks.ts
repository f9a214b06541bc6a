import type { FastifyInstance } from 'fastify';
import type { Logger } from './log.js';
import type { Metrics } from './metrics.js';
import type { Admission } from './overload.js';

/** Admission, timing and, at level debug, a log line for every HTTP request. */
export function addHttpHooks(http: FastifyInstance, parts: HttpHookParts): void {
  const { admission, logger, metrics } = parts;
  const seconds = metrics.histogram('http_request_seconds', 'Time of an HTTP request at the server.', [
    'method',
    'route',
    'status',
  ]);
  const release = () => admission.release();

  http.addHook('onRequest', (request, reply, done) => {
    if (parts.draining()) void reply.header('connection', 'close');
    if (request.routeOptions.config.operational === true) return done();
    try {
      admission.admit();
    } catch (fault) {
      return done(fault as Error);
    }
    // `close` comes after every answer and when the client goes away; Fastify's onResponse only after an answer.
    reply.raw.once('close', release);
    done();
  });

  http.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    seconds.observe({ method: request.method, route, status: reply.statusCode }, reply.elapsedTime / 1_000);
    if (logger.isLevelEnabled('debug')) {
      const line = { requestId: request.id, method: request.method, route, status: reply.statusCode };
      logger.debug({ ...line, elapsedMs: reply.elapsedTime }, 'request');
    }
    done();
  });
}

export interface HttpHookParts {
  admission: Admission;
  logger: Logger;
  metrics: Metrics;
  /** Once true, answers ask the client to connect anew. */
  draining(): boolean;
}
