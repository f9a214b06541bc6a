import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Fault, changeRequest, instant, modelName } from '@vigia/contracts';
import type { Alert, MonitoringAction } from '@vigia/ledger';
import { Scope } from '@vigia/platform';
import { z } from 'zod';
import { AlertsService } from './alerts.service.js';

const page = z.strictObject({
  model: modelName.optional(),
  state: z.enum(['open', 'resolved']).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
});

const silence = z
  .strictObject({
    until: instant.meta({ description: 'End of the silence, at most 90 days from now.' }),
    ...changeRequest,
  })
  .meta({ id: 'Silence' });

@ApiTags('alerts')
@Controller('v1/alerts')
@Scope('read')
export class AlertsController {
  constructor(private readonly alerts: AlertsService) {}

  @Get()
  @ApiOperation({ summary: 'Alerts, newest first, with what they asked for.' })
  async list(
    @Query({ schema: page }) query: z.output<typeof page>,
  ): Promise<{ alerts: (Alert & { actions: MonitoringAction[] })[] }> {
    return { alerts: await this.alerts.list(query) };
  }

  @Post(':id/silence')
  @HttpCode(200)
  @Scope('admin')
  @ApiOperation({ summary: 'Until then nobody is told of an open alert, and it asks for nothing.' })
  silence(@Param('id') id: string, @Body({ schema: silence }) body: z.output<typeof silence>): Promise<Alert> {
    if (!/^[0-9]{1,18}$/.test(id)) {
      throw new Fault('not_found', {
        detail: 'Ids of alerts are numbers.',
        errors: [{ field: 'id', message: 'is not an open alert' }],
      });
    }
    return this.alerts.silence(id, body);
  }
}
