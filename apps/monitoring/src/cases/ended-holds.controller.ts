import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Scope } from '@vigia/platform';
import { z } from 'zod';
import { CasesService, type EndedHold } from './cases.service.js';

const question = z.strictObject({
  after: z
    .string()
    .regex(/^[0-9]{1,18}$/, 'must be the `id` of the last one that was read')
    .default('0'),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
});

/** What whoever has the money follows: it sends or cancels what was held. */
@ApiTags('cases')
@Controller('v1/ended-holds')
@Scope('read')
export class EndedHoldsController {
  constructor(private readonly cases: CasesService) {}

  @Get()
  @ApiOperation({
    summary: 'Holds that ended, oldest first, behind the last one read. None is missed, none comes twice.',
  })
  async list(@Query({ schema: question }) query: z.output<typeof question>): Promise<{ holds: EndedHold[] }> {
    return { holds: await this.cases.endedHolds(query.after, query.limit) };
  }
}
