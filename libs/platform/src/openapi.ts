import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';

const PROBLEM_SCHEMA = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail'],
  properties: {
    type: { type: 'string', example: 'urn:vigia:problem:invalid_request' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    instance: { type: 'string' },
    errors: {
      type: 'array',
      items: { type: 'object', properties: { field: { type: 'string' }, message: { type: 'string' } } },
    },
  },
};

const page = (title: string) => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${title}</title><link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><div id="api"></div><script src="/docs/swagger-ui-bundle.js"></script>
<script>SwaggerUIBundle({ url: '/docs-json', dom_id: '#api' });</script></body>
</html>
`;

/** The API description, drawn from the zod schemas of the controllers: JSON at `/docs-json`, a page to try it at `/docs`. */
export function addOpenApi(app: NestFastifyApplication, name: string, version: string): void {
  const description = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle(`Vigia ${name}`)
    .setVersion(version)
    .addBearerAuth(
      { type: 'http', scheme: 'bearer', bearerFormat: 'opaque', description: 'An API key, vg_...' },
      'apiKey',
    )
    .addSecurityRequirements('apiKey')
    .addGlobalResponse({
      status: 'default',
      description: 'A problem (RFC 9457)',
      content: { 'application/problem+json': { schema: PROBLEM_SCHEMA } },
    })
    .build();
  SwaggerModule.setup('docs', app, () => SwaggerModule.createDocument(app, description), {
    ui: false,
    raw: ['json'],
    jsonDocumentUrl: 'docs-json',
  });

  // @nestjs/swagger brings the page's two files, but serves them only with @fastify/static.
  const brought = createRequire(require.resolve('@nestjs/swagger'));
  const assets = dirname(brought.resolve('swagger-ui-dist/package.json'));
  const http = app.getHttpAdapter().getInstance();
  http.get('/docs', (_, reply) => reply.type('text/html; charset=utf-8').send(page(`Vigia ${name}`)));
  for (const [file, type] of [
    ['swagger-ui.css', 'text/css'],
    ['swagger-ui-bundle.js', 'text/javascript'],
  ] as const) {
    http.get(`/docs/${file}`, (_, reply) => reply.type(type).send(readFileSync(join(assets, file))));
  }
}
