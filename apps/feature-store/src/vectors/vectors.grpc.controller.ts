import { Controller } from '@nestjs/common';
import { GrpcMethod, Payload } from '@nestjs/microservices';
import { vectorRequest, type VectorRequest } from '@vigia/contracts';
import { Scope } from '@vigia/platform';
import { VectorService } from './vector.service.js';

/** The same read for services of the house. A missing value is absent on the wire. */
@Controller()
export class VectorsGrpcController {
  constructor(private readonly vectors: VectorService) {}

  @GrpcMethod('FeatureStore', 'Read')
  @Scope('read')
  async read(@Payload({ schema: vectorRequest }) { featureSet, payment, entities }: VectorRequest) {
    const vector = await this.vectors.read(featureSet, payment, entities);
    return {
      ...vector,
      features: vector.features.map(({ name, value }) => (value === null ? { name } : { name, value })),
    };
  }
}
