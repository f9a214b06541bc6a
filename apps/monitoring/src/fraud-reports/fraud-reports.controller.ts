import { Readable } from 'node:stream';
import { Controller, Get, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Scope } from '@vigia/platform';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { FraudReportsService } from './fraud-reports.service.js';

const format = z.enum(['json', 'csv']).default('json');
const dayQuestion = z.strictObject({
  day: z
    .string({ error: 'is required, as 2026-11-20' })
    .regex(/^2[0-9]{3}-[0-9]{2}-[0-9]{2}$/, 'must be a date as 2026-11-20'),
  format,
});
const monthQuestion = z.strictObject({
  month: z
    .string({ error: 'is required, as 2026-11' })
    .regex(/^2[0-9]{3}-(0[1-9]|1[0-2])$/, 'must be a month as 2026-11'),
  format,
});

const TYPES = { json: 'application/json', csv: 'text/csv; charset=utf-8' };

/** The records that Resolução BCB 142/2021 asks for. */
@ApiTags('fraud reports')
@Controller('v1')
@Scope('read')
export class FraudReportsController {
  constructor(private readonly reports: FraudReportsService) {}

  @Get('fraud-log')
  @ApiOperation({ summary: 'Frauds and attempts of a day of Brasília, as JSON or CSV (Resolução BCB 142/2021).' })
  async log(
    @Query({ schema: dayQuestion }) query: z.output<typeof dayQuestion>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const pieces = this.reports.log(query.day, query.format);
    // What fails at once is a problem, not an answer that breaks off.
    const first = await pieces.next();
    void disposition(reply, `fraud-log-${query.day}.${query.format}`)
      .type(TYPES[query.format])
      .send(Readable.from(resumed(first, pieces), { objectMode: false }));
  }

  @Get('fraud-report')
  @ApiOperation({
    summary: 'Frauds, attempts and measures of a month of Brasília, as JSON or CSV (Resolução BCB 142/2021).',
  })
  async report(
    @Query({ schema: monthQuestion }) query: z.output<typeof monthQuestion>,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const text = await this.reports.report(query.month, query.format);
    void disposition(reply, `fraud-report-${query.month}.${query.format}`).type(TYPES[query.format]).send(text);
  }
}

function disposition(reply: FastifyReply, name: string): FastifyReply {
  return reply.header('content-disposition', `inline; filename="${name}"`);
}

async function* resumed(
  first: IteratorResult<string, void>,
  rest: AsyncGenerator<string, void, undefined>,
): AsyncGenerator<string> {
  if (!first.done) yield first.value;
  yield* rest;
}
