import type { FastifyInstance } from 'fastify';
import type { Health } from './health.js';
import type { Metrics } from './metrics.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answered whatever the load, and without an API key. */
    operational?: boolean;
  }
}

const OPERATIONAL = { config: { operational: true } };

/** `/health/live`, `/health/ready` and `/metrics`: for the platform that runs the process. */
export function addOperationalRoutes(http: FastifyInstance, health: Health, metrics: Metrics): void {
  http.get('/health/live', OPERATIONAL, () => ({ status: 'live' }));
  http.get('/health/ready', OPERATIONAL, async (_, reply) => {
    const readiness = await health.readiness();
    return reply.status(readiness.status === 'ready' ? 200 : 503).send(readiness);
  });
  http.get('/metrics', OPERATIONAL, async (_, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
}
