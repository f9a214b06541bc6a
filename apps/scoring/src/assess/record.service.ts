import { Fault, type Assessment } from '@vigia/contracts';
import type { CompiledFeatureSet } from '@vigia/features';
import type { AssessmentRow, AssessmentWriter } from '@vigia/ledger';
import type { LiveModels } from '../model/live-models.js';
import { assessmentOf } from './assessment-row.js';
import type { Judge } from './judge.js';

export type RecordedAssessment = Assessment & { vector?: Record<string, number | null> };

/** What was decided, read back from the ledger. */
export class RecordService {
  constructor(
    private readonly ledger: AssessmentWriter,
    private readonly set: CompiledFeatureSet,
    private readonly models: LiveModels,
    private readonly judge: Judge,
  ) {}

  /** @throws {Fault} `not_found`; `dependency_unavailable` when the ledger is away */
  async read(endToEndId: string, include?: 'explanation' | 'vector'): Promise<RecordedAssessment> {
    const row = await this.ledger.assessment(endToEndId);
    if (!row) throw new Fault('not_found', { detail: 'No assessment has this EndToEndId.' });
    const assessment = assessmentOf(row);
    if (include === 'vector') return { ...assessment, vector: this.named(row) };
    if (include !== 'explanation' || assessment.decision !== 'approve') return assessment;
    // What scored it may be live no more: then there is no explanation to be had here.
    const reasons = await this.models.ofVersion(row.model, (model) => this.judge.explain(model, row.vector));
    return { ...assessment, reasons: [...assessment.reasons, ...reasons] };
  }

  /** The vector by name: only the set that made it knows the names. */
  private named({ featureSet, vector }: AssessmentRow): Record<string, number | null> {
    if (featureSet.hash !== this.set.hash)
      throw new Fault('not_found', {
        detail: `The vector belongs to version ${featureSet.hash.slice(0, 12)} of feature set ${featureSet.name}, which is not served here.`,
      });
    return Object.fromEntries(
      this.set.features.map((name, index) => [name, Number.isNaN(vector[index]!) ? null : vector[index]!]),
    );
  }
}
