import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { payment, type Assessment, type Payment } from '@vigia/contracts';
import { Caller, Scope } from '@vigia/platform';
import { z } from 'zod';
import { AssessService } from './assess.service.js';
import { RecordService, type RecordedAssessment } from './record.service.js';

/** Most payments in one batch: a pacs.008 has up to 10, files come through ingestion. */
const MAX_BATCH = 100;

const batch = z.strictObject({ payments: z.array(payment).min(1).max(MAX_BATCH) }).meta({ id: 'Batch' });

const detail = z.strictObject({
  /** `explanation`: reasons of an approved payment too. `vector`: the features by name. */
  include: z.enum(['explanation', 'vector']).optional(),
});

@ApiTags('assessments')
@Controller('v1/assessments')
export class AssessController {
  constructor(
    private readonly assessments: AssessService,
    private readonly records: RecordService,
  ) {}

  @Post()
  @HttpCode(200)
  @Scope('assess')
  @ApiOperation({ summary: 'Decide one payment. A repeat of its EndToEndId gets the first answer.' })
  assess(@Body({ schema: payment }) body: Payment, @Caller() caller: string): Promise<Assessment> {
    return this.assessments.assess(body, caller);
  }

  @Post('batch')
  @HttpCode(200)
  @Scope('assess')
  @ApiOperation({ summary: 'Decide up to 100 payments. Each gets an assessment or its own problem.' })
  async assessBatch(@Body({ schema: batch }) body: z.output<typeof batch>, @Caller() caller: string) {
    return { results: await this.assessments.assessAll(body.payments, caller) };
  }

  @Get(':endToEndId')
  @Scope('read')
  @ApiOperation({ summary: 'The recorded assessment; with its explanation or its feature vector when asked.' })
  read(
    @Param('endToEndId') endToEndId: string,
    @Query({ schema: detail }) query: z.output<typeof detail>,
  ): Promise<RecordedAssessment> {
    return this.records.read(endToEndId, query.include);
  }
}
