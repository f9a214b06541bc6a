import { Controller, Get, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Scope } from '@vigia/platform';
import { DriftService, type Drift } from './drift.service.js';

@ApiTags('models')
@Controller('v1/models/:name/drift')
@Scope('read')
export class DriftController {
  constructor(private readonly drift: DriftService) {}

  @Get()
  @ApiOperation({ summary: 'Every signal of the last window, of the service and each version, with its numbers.' })
  last(@Param('name') name: string): Promise<Drift> {
    return this.drift.last(name);
  }
}
