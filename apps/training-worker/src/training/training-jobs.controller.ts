import { Body, Controller, Delete, Get, Header, Headers, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Fault, JOBS, type JobPayload } from '@vigia/contracts';
import { Caller, Scope, type JobView } from '@vigia/platform';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { JobLogs } from '../executor/job-logs.js';
import { OwnJobs } from '../jobs/own-jobs.js';
import { TrainingSets } from './training-sets.js';

const page = z.strictObject({ limit: z.coerce.number().int().min(1).max(100).default(20) });

@ApiTags('training')
@Controller('v1/training-jobs')
@Scope('read')
export class TrainingJobsController {
  constructor(
    private readonly jobs: OwnJobs,
    private readonly trainingSets: TrainingSets,
    private readonly logs: JobLogs,
  ) {}

  @Post()
  @HttpCode(202)
  @Scope('admin')
  @ApiOperation({ summary: 'Train a version of a model. Answers the job; a repeated Idempotency-Key the same one.' })
  async train(
    @Body({ schema: JOBS.train.payload }) body: JobPayload<'train'>,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @Caller() caller: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobView> {
    this.trainingSets.pathOf(body.trainingSet);
    const job = await this.jobs.add('train', body, { caller, idempotencyKey });
    void reply.header('location', `/v1/training-jobs/${job.id}`);
    return job;
  }

  @Get()
  @ApiOperation({ summary: 'The trainings, newest first.' })
  async list(@Query({ schema: page }) { limit }: z.output<typeof page>): Promise<{ jobs: JobView[] }> {
    return { jobs: await this.jobs.recent('train', limit) };
  }

  @Get(':id')
  @ApiOperation({
    summary: 'State of a training: stage, trial, best value so far, time to go; result, or why it failed.',
  })
  read(@Param('id') id: string): Promise<JobView> {
    return this.jobs.read('train', id);
  }

  @Get(':id/log')
  @Header('content-type', 'text/plain; charset=utf-8')
  @ApiOperation({ summary: 'What the trainer said, at all attempts.' })
  async log(@Param('id') id: string): Promise<string> {
    const text = await this.logs.read(id);
    if (text !== null) return text;
    throw new Fault('not_found', {
      detail: 'There is no log of this job here: it has not begun, or it ran where WORK_DIRECTORY is another.',
      errors: [{ field: 'id', message: 'has no log' }],
    });
  }

  @Delete(':id')
  @HttpCode(202)
  @Scope('admin')
  @ApiOperation({ summary: 'Cancel a training: its processes end within seconds. One that is over stays as it is.' })
  cancel(@Param('id') id: string): Promise<JobView> {
    return this.jobs.cancel('train', id);
  }
}
