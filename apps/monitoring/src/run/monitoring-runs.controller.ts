import { Body, Controller, Get, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { JOBS, type JobPayload } from '@vigia/contracts';
import { Scope, type JobView } from '@vigia/platform';
import type { FastifyReply } from 'fastify';
import { MonitoringRuns } from './monitoring-runs.js';

@ApiTags('monitoring')
@Controller('v1/monitoring-runs')
@Scope('read')
export class MonitoringRunsController {
  constructor(private readonly runs: MonitoringRuns) {}

  @Post()
  @HttpCode(202)
  @Scope('admin')
  @ApiOperation({ summary: 'Monitor a window now. Answers the job; the same window is the same job.' })
  async run(
    @Body({ schema: JOBS.monitor.payload }) body: JobPayload<'monitor'>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobView> {
    const job = await this.runs.add(body);
    void reply.header('location', `/v1/monitoring-runs/${job.id}`);
    return job;
  }

  @Get(':id')
  @ApiOperation({ summary: 'State and result of a run, or why it failed.' })
  read(@Param('id') id: string): Promise<JobView> {
    return this.runs.read(id);
  }
}
