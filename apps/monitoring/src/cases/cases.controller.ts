import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import {
  Fault,
  caseAssignment,
  caseAssignments,
  caseHoldEnd,
  caseId,
  caseNote,
  caseQuestion,
  caseVerdict,
  caseVerdicts,
  type CaseAssignment,
  type CaseHoldEnd,
  type CaseNote,
  type CaseQuestion,
  type CaseVerdict,
} from '@vigia/contracts';
import { Caller, Scope } from '@vigia/platform';
import { z } from 'zod';
import type { CaseDetailView, CaseView } from './case-view.js';
import { CasesService, type CaseResult } from './cases.service.js';

@ApiTags('cases')
@Controller('v1/cases')
@Scope('cases')
export class CasesController {
  constructor(private readonly cases: CasesService) {}

  @Get()
  @ApiOperation({ summary: 'The queue: open cases, those with the greatest expected loss first.' })
  page(@Query({ schema: caseQuestion }) query: CaseQuestion): Promise<{ cases: CaseView[]; next?: string }> {
    return this.cases.page(query);
  }

  @Post('assignments')
  @HttpCode(200)
  @ApiOperation({ summary: 'Give up to 200 cases to somebody; each gets its own result.' })
  async assignAll(@Body({ schema: caseAssignments }) body: z.output<typeof caseAssignments>, @Caller() caller: string) {
    const { cases, ...change } = body;
    return { results: await this.cases.assignAll(cases, change, caller) };
  }

  @Post('verdicts')
  @HttpCode(200)
  @ApiOperation({ summary: 'Verdicts on up to 200 cases; each gets its own result.' })
  async judgeAll(
    @Body({ schema: caseVerdicts }) body: z.output<typeof caseVerdicts>,
    @Caller() caller: string,
  ): Promise<{ results: CaseResult[] }> {
    return { results: await this.cases.judgeAll(body.verdicts, body.by, caller) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'A case: its payments with reasons and what is known of them, and its audit trail.' })
  detail(@Param('id') id: string): Promise<CaseDetailView> {
    return this.cases.detail(numberOf(id));
  }

  @Post(':id/assignment')
  @HttpCode(200)
  @ApiOperation({ summary: 'Give a case to somebody, or back to the queue. 409 where somebody else has it.' })
  assign(
    @Param('id') id: string,
    @Body({ schema: caseAssignment }) body: CaseAssignment,
    @Caller() caller: string,
  ): Promise<CaseDetailView> {
    return this.cases.assign(numberOf(id), body, caller);
  }

  @Post(':id/notes')
  @HttpCode(200)
  @ApiOperation({ summary: 'Add a note to the audit trail of a case.' })
  note(
    @Param('id') id: string,
    @Body({ schema: caseNote }) body: CaseNote,
    @Caller() caller: string,
  ): Promise<CaseDetailView> {
    return this.cases.note(numberOf(id), body, caller);
  }

  @Post(':id/verdict')
  @HttpCode(200)
  @ApiOperation({ summary: 'Say what a case, or some of its payments, are: outcomes, and the end of their holds.' })
  judge(
    @Param('id') id: string,
    @Body({ schema: caseVerdict }) body: CaseVerdict,
    @Caller() caller: string,
  ): Promise<CaseDetailView> {
    return this.cases.judge(numberOf(id), body, caller);
  }

  @Post(':id/hold-end')
  @HttpCode(200)
  @ApiOperation({ summary: 'Release or cancel what is held, without a verdict.' })
  endHolds(
    @Param('id') id: string,
    @Body({ schema: caseHoldEnd }) body: CaseHoldEnd,
    @Caller() caller: string,
  ): Promise<CaseDetailView> {
    return this.cases.endHolds(numberOf(id), body, caller);
  }
}

function numberOf(id: string): string {
  if (caseId.safeParse(id).success) return id;
  throw new Fault('not_found', {
    detail: 'Cases are numbered.',
    errors: [{ field: 'id', message: 'is not the number of a case' }],
  });
}
