import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { instant } from '@vigia/contracts';
import { Scope } from '@vigia/platform';
import { z } from 'zod';
import { PerformanceService, type PerformanceLine } from './performance.service.js';

const range = z.strictObject({ from: instant.optional(), to: instant.optional() });

@ApiTags('models')
@Controller('v1/models/:name/performance')
@Scope('read')
export class PerformanceController {
  constructor(private readonly performance: PerformanceService) {}

  @Get()
  @ApiOperation({ summary: 'Estimated and realised performance by window, and how labels come in.' })
  line(@Param('name') name: string, @Query({ schema: range }) query: z.output<typeof range>): Promise<PerformanceLine> {
    return this.performance.line(name, query);
  }
}
