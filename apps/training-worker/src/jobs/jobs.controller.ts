import { Controller, Delete, Get, HttpCode, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Scope, type JobView } from '@vigia/platform';
import { OwnJobs } from './own-jobs.js';

@ApiTags('jobs')
@Controller('v1/jobs/:queue/:id')
export class JobsController {
  constructor(private readonly jobs: OwnJobs) {}

  @Get()
  @Scope('read')
  @ApiOperation({ summary: 'State, progress and result of a job, or why it failed.' })
  read(@Param('queue') queue: string, @Param('id') id: string): Promise<JobView> {
    return this.jobs.read(queue, id);
  }

  @Delete()
  @HttpCode(202)
  @Scope('admin')
  @ApiOperation({ summary: 'Cancel a job. One that is over stays as it is.' })
  cancel(@Param('queue') queue: string, @Param('id') id: string): Promise<JobView> {
    return this.jobs.cancel(queue, id);
  }
}
