import { Fault, bundleManifest, type ModelChange } from '@vigia/contracts';
import type { AssessmentRow, Ledger } from '@vigia/ledger';
import type { BundleCache, ModelRegistry, RegisteredVersion } from '@vigia/registry';
import type { z } from 'zod';
import { foundVersion } from './found-version.js';

const withoutFiles = bundleManifest.omit({ files: true });

export interface VersionDetails extends RegisteredVersion {
  /** Of its `bundle.json`, without the digests of its files. */
  bundle: z.output<typeof withoutFiles>;
}

export interface DecidingModel {
  endToEndId: string;
  decidedAt: string;
  decision: AssessmentRow['decision'];
  probability: number | null;
  /** Null where the policy decided without a model. */
  model: AssessmentRow['model'];
  /** Null where none is on record: the challenger decided in the canary, or the model came from a file. */
  change: ModelChange | null;
}

const HISTORY_PAGE = 1_000;

/** What is known of models: by the registry, and by the record. */
export class ModelsService {
  constructor(
    private readonly registry: ModelRegistry,
    private readonly ledger: Ledger,
    private readonly bundles: BundleCache,
  ) {}

  versions(model: string): Promise<RegisteredVersion[]> {
    return this.registry.versions(model);
  }

  /** @throws {Fault} `not_found` */
  async version(model: string, version: string): Promise<VersionDetails> {
    const registered = await foundVersion(this.registry, model, version);
    const { manifest } = await this.bundles.get(registered);
    return { ...registered, bundle: withoutFiles.parse(manifest) };
  }

  history(model: string): Promise<ModelChange[]> {
    return this.ledger.modelChanges(model, HISTORY_PAGE);
  }

  /** @throws {Fault} `unknown_payment` */
  async behind(endToEndId: string): Promise<DecidingModel> {
    const row = await this.ledger.assessment(endToEndId);
    if (!row) throw new Fault('unknown_payment', { detail: 'The ledger holds no assessment of this EndToEndId.' });
    const { decidedAtMs, decision, probability, model } = row;
    const change = await this.ledger.changeBehind(row);
    return { endToEndId, decidedAt: new Date(decidedAtMs).toISOString(), decision, probability, model, change };
  }
}
