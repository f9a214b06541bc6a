import { Controller, Get, Headers, Param, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Fault, analyst, endToEndId } from '@vigia/contracts';
import type { SubjectReviewAccess } from '@vigia/ledger';
import { Caller, Scope } from '@vigia/platform';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { markdownOf } from './subject-review.js';
import { SubjectReviewService } from './subject-review.service.js';

const question = z.strictObject({ by: analyst, lang: z.enum(['pt', 'en']).default('pt') });

@ApiTags('subject reviews')
@Controller('v1/subject-reviews')
@Scope('read')
export class SubjectReviewController {
  constructor(private readonly reviews: SubjectReviewService) {}

  @Get(':endToEndId')
  @ApiOperation({ summary: 'Everything behind a decision in plain words, for its data subject (LGPD art. 20).' })
  async read(
    @Param('endToEndId') id: string,
    @Query({ schema: question }) { by, lang }: z.output<typeof question>,
    @Headers('accept') accept: string | undefined,
    @Caller() caller: string,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const review = await this.reviews.read(idOf(id), { by, lang, caller });
    void reply.header('cache-control', 'no-store').header('content-language', lang);
    const type = /application\/json|text\/(markdown|plain)/.exec(accept ?? '')?.[0] ?? 'application/json';
    const isText = type.startsWith('text/');
    void (isText ? reply.type(`${type}; charset=utf-8`).send(markdownOf(review)) : reply.send(review));
  }

  @Get(':endToEndId/accesses')
  @ApiOperation({ summary: 'Who read it, and when; newest first.' })
  async accesses(@Param('endToEndId') id: string): Promise<{ accesses: SubjectReviewAccess[] }> {
    return { accesses: await this.reviews.accesses(idOf(id)) };
  }
}

function idOf(text: string): string {
  if (endToEndId.safeParse(text).success) return text;
  throw new Fault('unknown_payment', {
    detail: 'This is no EndToEndId.',
    errors: [{ field: 'endToEndId', message: 'must be E + ISPB (8) + yyyyMMddHHmm in UTC + 11 letters or digits' }],
  });
}
