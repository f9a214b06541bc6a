import { Body, Controller, Headers, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { JOBS, type JobPayload } from '@vigia/contracts';
import { Caller, Scope, invalidRequest, type JobView } from '@vigia/platform';
import { ModelRegistry } from '@vigia/registry';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { OwnJobs, type OwnJob } from '../jobs/own-jobs.js';
import { foundVersion } from './found-version.js';

const promotion = JOBS.promote.payload.omit({ model: true, version: true }).meta({ id: 'Promotion' });
const rollbackRequest = JOBS.rollback.payload.omit({ model: true }).meta({ id: 'Rollback' });

@ApiTags('models')
@Controller('v1/models/:name')
@Scope('admin')
export class ModelChangesController {
  constructor(
    private readonly jobs: OwnJobs,
    private readonly registry: ModelRegistry,
  ) {}

  @Post('versions/:version/evaluate')
  @HttpCode(202)
  @ApiOperation({ summary: 'Hold a version against the gate. Answers the job; what passes becomes the challenger.' })
  async evaluate(
    @Param('name') model: string,
    @Param('version') version: string,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @Caller() caller: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobView> {
    const payload = parsed('evaluate', { model, version });
    await foundVersion(this.registry, model, version);
    return located(await this.jobs.add('evaluate', payload, { caller, idempotencyKey }), reply);
  }

  @Post('versions/:version/promote')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Make a version the champion. Answers the job, which refuses what gate or shadow speak against.',
  })
  async promote(
    @Param('name') model: string,
    @Param('version') version: string,
    @Body({ schema: promotion }) body: z.output<typeof promotion>,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @Caller() caller: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobView> {
    const payload = parsed('promote', { model, version, ...body });
    await foundVersion(this.registry, model, version);
    return located(await this.jobs.add('promote', payload, { caller, idempotencyKey }), reply);
  }

  @Post('rollback')
  @HttpCode(202)
  @ApiOperation({ summary: 'Make the champion before this one the champion again. Answers the job.' })
  async rollback(
    @Param('name') model: string,
    @Body({ schema: rollbackRequest }) body: z.output<typeof rollbackRequest>,
    @Headers('idempotency-key') idempotencyKey: string | undefined,
    @Caller() caller: string,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<JobView> {
    const payload = parsed('rollback', { model, ...body });
    return located(await this.jobs.add('rollback', payload, { caller, idempotencyKey }), reply);
  }
}

/** What comes from the path fits the catalogue, too. */
function parsed<Name extends OwnJob>(name: Name, payload: unknown): JobPayload<Name> {
  const result = JOBS[name].payload.safeParse(payload);
  if (!result.success) throw invalidRequest(result.error.issues);
  return result.data as JobPayload<Name>;
}

function located(job: JobView, reply: FastifyReply): JobView {
  void reply.header('location', `/v1/jobs/${job.queue}/${job.id}`);
  return job;
}
