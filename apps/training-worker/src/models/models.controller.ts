import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { instant, type ModelChange } from '@vigia/contracts';
import { Scope } from '@vigia/platform';
import type { RegisteredVersion } from '@vigia/registry';
import { z } from 'zod';
import { ComparisonService, type Comparison } from '../comparison/comparison.service.js';
import { ModelsService, type DecidingModel, type VersionDetails } from './models.service.js';

const range = z.strictObject({ from: instant.optional(), to: instant.optional() });

@ApiTags('models')
@Controller('v1')
@Scope('read')
export class ModelsController {
  constructor(
    private readonly models: ModelsService,
    private readonly comparisons: ComparisonService,
  ) {}

  @Get('models/:name/versions')
  @ApiOperation({ summary: 'The registered versions of a model, newest first: gate, aliases.' })
  async versions(@Param('name') name: string): Promise<{ versions: RegisteredVersion[] }> {
    return { versions: await this.models.versions(name) };
  }

  @Get('models/:name/versions/:version')
  @ApiOperation({ summary: 'A version: metrics, parameters, data and code that it was made of.' })
  version(@Param('name') name: string, @Param('version') version: string): Promise<VersionDetails> {
    return this.models.version(name, version);
  }

  @Get('models/:name/history')
  @ApiOperation({ summary: 'What was live when, who changed it and why; newest first.' })
  async history(@Param('name') name: string): Promise<{ changes: ModelChange[] }> {
    return { changes: await this.models.history(name) };
  }

  @Get('models/:name/comparison')
  @ApiOperation({ summary: 'Champion and challenger on the same live payments, with the labels that are known.' })
  comparison(
    @Param('name') name: string,
    @Query({ schema: range }) query: z.output<typeof range>,
  ): Promise<Comparison> {
    return this.comparisons.compare(name, query);
  }

  @Get('payments/:endToEndId/model')
  @ApiOperation({ summary: 'Which model decided a payment, and the change by which it was live.' })
  behind(@Param('endToEndId') endToEndId: string): Promise<DecidingModel> {
    return this.models.behind(endToEndId);
  }
}
