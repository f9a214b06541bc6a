import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import { outcome } from '@vigia/contracts';
import { Caller, Scope, invalidRequest } from '@vigia/platform';
import { z } from 'zod';
import { OutcomesService, type OutcomeResult } from './outcomes.service.js';

/** Most outcomes in one request. */
const MAX_BATCH = 500;

const batch = z.strictObject({ outcomes: z.array(outcome).min(1).max(MAX_BATCH) });

/** For the API description. */
const one = z.toJSONSchema(outcome, { io: 'input' }) as object;
const several = z.toJSONSchema(batch, { io: 'input' }) as object;

@ApiTags('outcomes')
@Controller('v1/outcomes')
export class OutcomesController {
  constructor(private readonly outcomes: OutcomesService) {}

  @Post()
  @HttpCode(200)
  @Scope('outcomes')
  @ApiOperation({ summary: 'Record what became known of a payment, or of up to 500. A repeat changes nothing.' })
  @ApiBody({ schema: { oneOf: [one, several] } })
  async record(@Body() body: unknown, @Caller() caller: string): Promise<OutcomeResult | { results: OutcomeResult[] }> {
    if (typeof body === 'object' && body !== null && 'outcomes' in body) {
      return { results: await this.outcomes.recordAll(parsed(batch, body).outcomes, caller) };
    }
    return this.outcomes.record(parsed(outcome, body), caller);
  }
}

/** One of two schemas fits, and the errors should be those of the one that was meant. */
function parsed<S extends z.ZodType>(schema: S, body: unknown): z.output<S> {
  const result = schema.safeParse(body);
  if (!result.success) throw invalidRequest(result.error.issues);
  return result.data;
}
