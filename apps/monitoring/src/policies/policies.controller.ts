import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  Fault,
  instant,
  policyCheck,
  policyDraft,
  policyName,
  policyPublication,
  policyShadowing,
  policyVersion,
  type PolicyChange,
} from '@vigia/contracts';
import type { NamedPolicies, PolicyVersionSummary } from '@vigia/ledger';
import { Caller, Scope } from '@vigia/platform';
import { z } from 'zod';
import { PoliciesService, type CheckedPolicy, type PolicyDetail, type ShadowReport } from './policies.service.js';

const shadowQuestion = z
  .strictObject({ version: policyVersion, from: instant, to: instant })
  .refine(({ from, to }) => from < to, { path: ['to'], message: 'must be after from' });

@ApiTags('policies')
@Controller('v1/policies/:policy')
@Scope('read')
export class PoliciesController {
  constructor(private readonly policies: PoliciesService) {}

  @Get()
  @ApiOperation({ summary: 'Which version is published, and which decides in shadow.' })
  named(@Param('policy') policy: string): Promise<NamedPolicies> {
    return this.policies.named(nameOf(policy));
  }

  @Get('versions')
  @ApiOperation({ summary: 'Versions, newest first: drafts, and what services decide by from a file.' })
  async versions(@Param('policy') policy: string): Promise<{ versions: PolicyVersionSummary[] }> {
    return { versions: await this.policies.versions(nameOf(policy)) };
  }

  @Get('versions/:version')
  @ApiOperation({ summary: 'A version: graph, settings, who made it and why, its back-tests.' })
  version(@Param('policy') policy: string, @Param('version') version: string): Promise<PolicyDetail> {
    return this.policies.version(nameOf(policy), versionIn(version));
  }

  @Get('history')
  @ApiOperation({ summary: 'What decided when, or decided in shadow; who changed it and why. Newest first.' })
  async history(@Param('policy') policy: string): Promise<{ changes: PolicyChange[] }> {
    return { changes: await this.policies.history(nameOf(policy)) };
  }

  @Get('shadow-comparison')
  @ApiOperation({ summary: 'What a version decided in shadow beside what was decided: up to 200,000 payments.' })
  shadowComparison(
    @Param('policy') policy: string,
    @Query({ schema: shadowQuestion }) { version, from, to }: z.output<typeof shadowQuestion>,
  ): Promise<ShadowReport> {
    const range = { fromMs: Date.parse(from), toMs: Date.parse(to) };
    return this.policies.shadowReport(nameOf(policy), version, range);
  }

  @Post('check')
  @HttpCode(200)
  @Scope('admin')
  @ApiOperation({ summary: 'Compile a policy and try it on payments of every kind; nothing is kept.' })
  check(
    @Param('policy') policy: string,
    @Body({ schema: policyCheck }) body: z.output<typeof policyCheck>,
  ): Promise<CheckedPolicy> {
    return this.policies.check({ name: nameOf(policy), ...body });
  }

  @Post('versions')
  @Scope('admin')
  @ApiOperation({ summary: 'Draft a version. The same content is the same version; it never changes.' })
  draft(
    @Param('policy') policy: string,
    @Body({ schema: policyDraft }) { by, reason, ...content }: z.output<typeof policyDraft>,
    @Caller() caller: string,
  ): Promise<CheckedPolicy> {
    return this.policies.draft({ name: nameOf(policy), ...content }, { by, reason, caller });
  }

  @Post('versions/:version/publish')
  @HttpCode(200)
  @Scope('admin')
  @ApiOperation({ summary: 'Have this version decide. An earlier one is published again to roll back.' })
  publish(
    @Param('policy') policy: string,
    @Param('version') version: string,
    @Body({ schema: policyPublication }) body: z.output<typeof policyPublication>,
    @Caller() caller: string,
  ): Promise<PolicyChange> {
    return this.policies.publish(nameOf(policy), versionIn(version), { ...body, caller });
  }

  @Post('shadow')
  @HttpCode(200)
  @Scope('admin')
  @ApiOperation({ summary: 'Have a version decide in shadow, after the answer; or none.' })
  shadow(
    @Param('policy') policy: string,
    @Body({ schema: policyShadowing }) { version, ...person }: z.output<typeof policyShadowing>,
    @Caller() caller: string,
  ): Promise<PolicyChange> {
    return this.policies.shadow(nameOf(policy), version, { ...person, caller });
  }
}

const nameOf = (text: string): string => checked(policyName, 'policy', text);
const versionIn = (text: string): string => checked(policyVersion, 'version', text);

function checked(schema: z.ZodType<string>, field: string, text: string): string {
  const parsed = schema.safeParse(text);
  if (parsed.success) return parsed.data;
  const message = parsed.error.issues[0]?.message ?? 'does not fit';
  throw new Fault('not_found', { detail: `The ${field} in the path ${message}.`, errors: [{ field, message }] });
}
