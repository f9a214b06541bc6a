import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { JOBS, type JobPayload } from '@vigia/contracts';
import { Caller, Scope, type JobView } from '@vigia/platform';
import type { FastifyReply } from 'fastify';
import { BackTestJobs } from './back-test-jobs.js';

@ApiTags('policies')
@Controller('v1/back-tests')
@Scope('read')
export class BackTestsController {
  constructor(private readonly jobs: BackTestJobs) {}

  @Post()
  @HttpCode(202)
  @Scope('admin')
  @ApiOperation({ summary: 'Decide a range of history anew by a version and by the live one. Answers the job.' })
  async run(
    @Body({ schema: JOBS['back-test'].payload }) body: JobPayload<'back-test'>,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @Caller() caller: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobView> {
    const job = await this.jobs.add(body, { caller, idempotencyKey });
    void reply.header('location', `/v1/back-tests/${job.id}`);
    return job;
  }

  @Get(':id')
  @ApiOperation({ summary: 'State, progress and report of a back-test, or why it failed.' })
  read(@Param('id') id: string): Promise<JobView> {
    return this.jobs.read(id);
  }

  @Delete(':id')
  @HttpCode(202)
  @Scope('admin')
  @ApiOperation({ summary: 'Cancel a back-test. One that is over stays as it is.' })
  cancel(@Param('id') id: string): Promise<JobView> {
    return this.jobs.cancel(id);
  }
}
