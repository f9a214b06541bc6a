import { Fault, type BundleManifest } from '@vigia/contracts';
import {
  describeFeatures,
  hashOf,
  stateOf,
  onlinePlanOf,
  type FeatureDescription,
  type FeatureSet,
  type StatePlan,
} from '@vigia/features';
import { FEATURE_SETS, declaredSet } from '../feature-sets.js';

interface ModelName {
  name: string;
  version: string;
}

export interface FeatureSetSummary {
  name: string;
  owner: string;
  hash: string;
  /** First 12 digits of the hash: part of every key in the online store. */
  version: string;
  /** Whether the state of this set is kept here. */
  served: boolean;
  features: number;
}

export interface FeatureSetDetails extends FeatureSetSummary {
  entities: {
    name: string;
    key: string[];
    counterparty: string | null;
    /** The log that it reads: its own, or that of another entity. */
    log: string;
    windows: StatePlan['windows'];
  }[];
  /** The declared version and those that models were trained on. A model of another one can't be served by it. */
  versions: { version: string; hash: string; declared: boolean; models: ModelName[] }[];
}

export type CataloguedFeature = FeatureDescription & { models: ModelName[] };

/** What is declared, and who uses it. */
export class CatalogueService {
  /** @param models manifests of the bundles in use, read anew at each call */
  constructor(
    private readonly served: string,
    private readonly models: () => Promise<BundleManifest[]>,
  ) {}

  list(): FeatureSetSummary[] {
    return [...FEATURE_SETS.values()].map((set) => this.summaryOf(set));
  }

  /** @throws {Fault} `not_found` */
  async details(name: string): Promise<FeatureSetDetails> {
    const set = declaredSet(name);
    const plan = onlinePlanOf(set);
    return {
      ...this.summaryOf(set),
      entities: set.entities.map((entity, index) => ({
        name: entity.name,
        key: entity.key,
        counterparty: entity.counterparty ?? null,
        log: entity.readsStateOf ?? entity.name,
        windows: stateOf(plan, plan.entities[index]!).windows,
      })),
      versions: versionsOf(set, await this.modelsOf(set)),
    };
  }

  /** @throws {Fault} `not_found` */
  async features(name: string): Promise<CataloguedFeature[]> {
    const set = declaredSet(name);
    const models = await this.modelsOf(set);
    return describeFeatures(set).map((feature) => ({
      ...feature,
      models: models.filter(({ features }) => features.includes(feature.name)).map(nameOf),
    }));
  }

  /** @throws {Fault} `not_found` */
  async feature(setName: string, name: string): Promise<CataloguedFeature> {
    const found = (await this.features(setName)).find((feature) => feature.name === name);
    if (found) return found;
    throw new Fault('not_found', {
      detail: `Feature set ${setName} has no feature of this name. GET /v1/feature-sets/${setName}/features lists them.`,
      errors: [{ field: 'feature', message: 'is not declared' }],
    });
  }

  private summaryOf(set: FeatureSet): FeatureSetSummary {
    const { name, owner, features } = set;
    const hash = hashOf(set);
    return { name, owner, hash, version: versionOf(hash), served: name === this.served, features: features.length };
  }

  private async modelsOf({ name }: FeatureSet): Promise<BundleManifest[]> {
    return (await this.models()).filter(({ featureSet }) => featureSet.name === name);
  }
}

function versionsOf(set: FeatureSet, models: BundleManifest[]): FeatureSetDetails['versions'] {
  const declared = hashOf(set);
  const hashes = new Set([declared, ...models.map(({ featureSet }) => featureSet.hash)]);
  return [...hashes].map((hash) => ({
    version: versionOf(hash),
    hash,
    declared: hash === declared,
    models: models.filter(({ featureSet }) => featureSet.hash === hash).map(nameOf),
  }));
}

const versionOf = (hash: string): string => hash.slice(0, 12);
const nameOf = ({ name, version }: BundleManifest): ModelName => ({ name, version });
