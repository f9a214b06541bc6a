import { Body, Controller, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { payment, type FeatureVector, type Payment } from '@vigia/contracts';
import { Scope } from '@vigia/platform';
import { z } from 'zod';
import { declaredSet } from '../feature-sets.js';
import { VectorService } from './vector.service.js';

const selection = z.strictObject({
  /** Names with commas between them; all entities of the set when absent. */
  entities: z.string().default(''),
});

/** The same answer as over gRPC, features and entities by name. */
interface VectorBody {
  featureSet: FeatureVector['featureSet'];
  features: Record<string, number | null>;
  entities: Record<string, { at: string; position: number }>;
}

@ApiTags('vectors')
@Controller('v1/feature-sets/:name/vectors')
export class VectorsController {
  constructor(private readonly vectors: VectorService) {}

  @Post()
  @HttpCode(200)
  @Scope('read')
  @ApiOperation({ summary: 'Read the features of a payment as they stand. No state changes.' })
  async read(
    @Param('name') name: string,
    @Body({ schema: payment }) body: Payment,
    @Query({ schema: selection }) query: z.output<typeof selection>,
  ): Promise<VectorBody> {
    const asked = query.entities.split(',').filter((entity) => entity !== '');
    const { featureSet, features, entities } = await this.vectors.read(declaredSet(name).name, body, asked);
    return {
      featureSet,
      features: Object.fromEntries(features.map((feature) => [feature.name, feature.value])),
      entities: Object.fromEntries(entities.map(({ name: entity, ...state }) => [entity, state])),
    };
  }
}
