import { Readable } from 'node:stream';
import { Body, Controller, Post, Req, Res, UseFilters } from '@nestjs/common';
import { ApiConsumes, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Fault } from '@vigia/contracts';
import { Caller, Scope, toFault } from '@vigia/platform';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { readWhole } from './body.js';
import { MessageRefused, RejectionFilter, isXml } from './rejection-filter.js';
import { XML, glimpseMessageId } from './rejection.js';
import { SpiService, type SpiAnswer } from './spi.service.js';

/** EndToEndIds, comma-separated, whose money is to be blocked as a precaution: pacs.002 can't say it. */
const BLOCK_HEADER = 'x-vigia-accept-and-block';

/** Longest message, bytes. To be injected. */
export class MessageLimit {
  constructor(readonly bytes: number) {}
}

@ApiTags('spi')
@Controller('v1/spi')
@UseFilters(RejectionFilter)
export class SpiController {
  constructor(
    private readonly spi: SpiService,
    private readonly limit: MessageLimit,
  ) {}

  @Post('messages')
  @Scope('ingest')
  @ApiConsumes('application/xml', 'text/xml')
  @ApiOperation({
    summary: 'Take an SPI message: pacs.008 is answered by its pacs.002, others are acknowledged with 202.',
    description:
      'pacs.008, pacs.002, pacs.004 and trck.002 of the SPI catalogue 5.13. A message that is refused, or that can ' +
      'not be decided now (503 with Retry-After: send the same message again), is answered in the manner of admi.002.',
  })
  async receive(
    @Body() body: unknown,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Caller() caller: string,
  ): Promise<void> {
    if (!isXml(request) || !(body instanceof Readable)) {
      throw new Fault('unsupported_media_type', { detail: 'Set content-type: application/xml, one SPI message.' });
    }
    const bytes = await readWhole(body, this.limit.bytes);
    let answer: SpiAnswer;
    try {
      answer = await this.spi.receive(bytes, caller);
    } catch (error) {
      throw new MessageRefused(toFault(error), glimpseMessageId(bytes));
    }
    if ('receipt' in answer) {
      await reply.status(202).send(answer.receipt);
      return;
    }
    if (answer.blocked.length > 0) void reply.header(BLOCK_HEADER, answer.blocked.join(','));
    await reply.status(200).type(XML).send(answer.pacs002);
  }
}
