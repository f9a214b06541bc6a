import { Controller, Get, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { Scope } from '@vigia/platform';
import {
  CatalogueService,
  type CataloguedFeature,
  type FeatureSetDetails,
  type FeatureSetSummary,
} from './catalogue.service.js';

@ApiTags('catalogue')
@Controller('v1/feature-sets')
@Scope('read')
export class CatalogueController {
  constructor(private readonly catalogue: CatalogueService) {}

  @Get()
  @ApiOperation({ summary: 'The feature sets that are declared.' })
  list(): { featureSets: FeatureSetSummary[] } {
    return { featureSets: this.catalogue.list() };
  }

  @Get(':name')
  @ApiOperation({ summary: 'A feature set: hash, entities, and the versions that models use.' })
  details(@Param('name') name: string): Promise<FeatureSetDetails> {
    return this.catalogue.details(name);
  }

  @Get(':name/features')
  @ApiOperation({ summary: 'Every feature of a set: meaning, window, unit, what null means, owner, models.' })
  async features(@Param('name') name: string): Promise<{ features: CataloguedFeature[] }> {
    return { features: await this.catalogue.features(name) };
  }

  @Get(':name/features/:feature')
  @ApiOperation({ summary: 'One feature of a set.' })
  feature(@Param('name') name: string, @Param('feature') feature: string): Promise<CataloguedFeature> {
    return this.catalogue.feature(name, feature);
  }
}
