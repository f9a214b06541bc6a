import { Readable } from 'node:stream';
import { Body, Controller, HttpCode, Post, Req, Res } from '@nestjs/common';
import { ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Fault } from '@vigia/contracts';
import { Scope } from '@vigia/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ImportService, type ImportAnswer } from './import.service.js';

const NDJSON = 'application/x-ndjson';

@ApiTags('imports')
@Controller('v1/imports')
export class ImportController {
  constructor(private readonly imports: ImportService) {}

  @Post()
  @HttpCode(200)
  @Scope('ingest')
  @ApiConsumes(NDJSON)
  @ApiOperation({
    summary: 'Decide payments, one JSON object a line. Answers come line by line while the body is still being sent.',
    description:
      'Read the answer while you send: a sender that reads nothing is stopped once some thousand answers wait. ' +
      'The last line is {"summary": {...}}; its `stopped` says when scoring stayed away and from which line to go on. ' +
      'A payment sent again gets its first answer.',
  })
  import(@Body() body: unknown, @Req() request: FastifyRequest, @Res() reply: FastifyReply): void {
    if (!(body instanceof Readable) || request.headers['content-type']?.startsWith(NDJSON) !== true) {
      throw new Fault('unsupported_media_type', { detail: `Set content-type: ${NDJSON}, one payment a line.` });
    }
    void reply.type(NDJSON).send(Readable.from(written(this.imports.run(body)), { objectMode: false }));
  }
}

async function* written(answers: AsyncIterable<ImportAnswer>): AsyncGenerator<string> {
  for await (const answer of answers) yield `${JSON.stringify(answer)}\n`;
}
