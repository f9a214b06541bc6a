import type { Action, Degradation, PseudonymousPayment, Reason } from '@vigia/contracts';
import type { CompiledFeatureSet } from '@vigia/features';
import { reasonsOf, type Model } from '@vigia/model';
import { SAFEST_VERDICT, actionFor, ruleTexts, type PolicyEngine, type PolicyInput, type Verdict } from '@vigia/policy';
import type { LiveModels, ModelRole } from '../model/live-models.js';
import type { LivePolicies } from '../policy/live-policies.js';
import type { SeenPayment } from './feature-reader.js';

export interface Judgement {
  verdict: Verdict;
  action: Action;
  probability: number | null;
  margin: number | null;
  reasons: Reason[];
  model: { name: string; version: string } | null;
  /** In which role that model decided. */
  role: ModelRole;
  policy: { name: string; version: string };
  degraded: Degradation[];
  scoredAtMs: number;
  judgedAtMs: number;
}

/** Model, then policy, then reasons. Whatever fails degrades the judgement; none refuses the payment. */
export class Judge {
  constructor(
    private readonly set: CompiledFeatureSet,
    private readonly models: LiveModels,
    private readonly policies: LivePolicies,
    private readonly onFailure: (what: Degradation, error: unknown) => void,
  ) {}

  judge(payment: PseudonymousPayment, seen: SeenPayment): Promise<Judgement> {
    return this.models.decide(payment.payer.person, async (model, role) => ({
      ...(await this.judgeBy(model, payment, seen)),
      role,
    }));
  }

  private async judgeBy(
    live: Model | null,
    payment: PseudonymousPayment,
    seen: SeenPayment,
  ): Promise<Omit<Judgement, 'role'>> {
    const degraded: Degradation[] = seen.degraded ? ['features'] : [];
    // A vector without its history says nothing that the model was trained on.
    const model = seen.degraded ? null : live;
    if (live === null) degraded.push('model');
    const score = model ? await this.score(model, seen.vector, degraded) : null;
    const scoredAtMs = performance.now();
    // One policy from here to the reasons: another may become live meanwhile.
    const { engine, inputOf } = this.policies.live;
    const input = inputOf(payment, seen.vector, { probability: score?.probability ?? null, degraded });
    const verdict = await this.decide(engine, input, degraded);
    const judgedAtMs = performance.now();
    return {
      verdict,
      action: actionFor(verdict.decision, payment.side, payment.acceptedAtMs, engine.settings),
      probability: score?.probability ?? null,
      margin: score?.margin ?? null,
      reasons: await this.reasons(engine, verdict, score ? model : null, seen.vector),
      model: model && score ? { name: model.manifest.name, version: model.manifest.version } : null,
      policy: { name: engine.name, version: engine.version },
      degraded,
      scoredAtMs,
      judgedAtMs,
    };
  }

  /** Why the model scored a vector as it did; empty without a model. */
  async explain(model: Model | null, vector: Float32Array): Promise<Reason[]> {
    if (!model) return [];
    try {
      return reasonsOf(await model.explain(vector), vector, this.set.reasons);
    } catch (error) {
      this.onFailure('model', error);
      return [];
    }
  }

  private async score(model: Model, vector: Float32Array, degraded: Degradation[]) {
    try {
      return await model.score(vector);
    } catch (error) {
      this.onFailure('model', error);
      degraded.push('model');
      return null;
    }
  }

  private async decide(engine: PolicyEngine, input: PolicyInput, degraded: Degradation[]): Promise<Verdict> {
    try {
      return await engine.evaluate(input);
    } catch (error) {
      this.onFailure('policy', error);
      degraded.push('policy');
      return SAFEST_VERDICT;
    }
  }

  /** Rules first, then what moved the score; a payment that is approved needs none. */
  private async reasons(
    engine: PolicyEngine,
    verdict: Verdict,
    model: Model | null,
    vector: Float32Array,
  ): Promise<Reason[]> {
    const fired = verdict.rules.map((code) => ({
      code,
      ...(engine.ruleTexts[code] ?? ruleTexts[code] ?? { pt: code, en: code }),
    }));
    return verdict.decision === 'approve' ? fired : [...fired, ...(await this.explain(model, vector))];
  }
}
