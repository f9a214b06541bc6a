import type { PseudonymousPayment } from '@vigia/contracts';
import { stateOf, type CompiledFeatureSet } from '@vigia/features';

/** The log that each entity of the plan reads for this payment, `payer k1...`; null where the payment has none. */
export function entityKeys({ plan, entitiesOf }: CompiledFeatureSet, payment: PseudonymousPayment): (string | null)[] {
  return entitiesOf(payment).map((entity, index) =>
    entity ? `${stateOf(plan, plan.entities[index]!).name} ${entity.key}` : null,
  );
}
