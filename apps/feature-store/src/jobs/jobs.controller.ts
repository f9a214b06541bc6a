import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { JOBS, type JobPayload } from '@vigia/contracts';
import { Caller, Scope, type Asking, type JobView } from '@vigia/platform';
import type { FastifyReply } from 'fastify';
import { JobsService, type OwnJob } from './jobs.service.js';

@ApiTags('jobs')
@Controller('v1')
@Scope('admin')
export class JobsController {
  constructor(private readonly jobs: JobsService) {}

  @Post('training-sets')
  @HttpCode(202)
  @ApiOperation({ summary: 'Make a training set from the ledger. Answers the job that makes it.' })
  trainingSet(
    @Body({ schema: JOBS['training-set'].payload }) body: JobPayload<'training-set'>,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @Caller() caller: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobView> {
    return this.added('training-set', body, { caller, idempotencyKey }, reply);
  }

  @Post('backfills')
  @HttpCode(202)
  @ApiOperation({ summary: 'Rebuild the online state from the ledger. Answers the job that does it.' })
  backfill(
    @Body({ schema: JOBS.backfill.payload }) body: JobPayload<'backfill'>,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @Caller() caller: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobView> {
    return this.added('backfill', body, { caller, idempotencyKey }, reply);
  }

  @Post('audits')
  @HttpCode(202)
  @ApiOperation({ summary: 'Compare the vectors served with their recomputation. Answers the job that does it.' })
  audit(
    @Body({ schema: JOBS.audit.payload }) body: JobPayload<'audit'>,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @Caller() caller: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobView> {
    return this.added('audit', body, { caller, idempotencyKey }, reply);
  }

  @Get('jobs/:queue/:id')
  @ApiOperation({ summary: 'State, progress and result of a job, or why it failed.' })
  read(@Param('queue') queue: string, @Param('id') id: string): Promise<JobView> {
    return this.jobs.read(queue, id);
  }

  @Delete('jobs/:queue/:id')
  @HttpCode(202)
  @ApiOperation({ summary: 'Cancel a job. One that is over stays as it is.' })
  cancel(@Param('queue') queue: string, @Param('id') id: string): Promise<JobView> {
    return this.jobs.cancel(queue, id);
  }

  private async added<Name extends OwnJob>(
    name: Name,
    payload: JobPayload<Name>,
    asking: Asking,
    reply: FastifyReply,
  ): Promise<JobView> {
    const job = await this.jobs.add(name, payload, asking);
    void reply.header('location', `/v1/jobs/${name}/${job.id}`);
    return job;
  }
}
