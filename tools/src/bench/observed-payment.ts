import type { PseudonymousPayment } from '@vigia/contracts';
import { PIX, compileFeatureSet } from '@vigia/features';
import type { ObserveRequest, OnlineStore } from '@vigia/online-store';

export const set = compileFeatureSet(PIX);

/** All that scoring does for the features of a payment. */
export async function observe(store: OnlineStore, payment: PseudonymousPayment): Promise<Float32Array> {
  const { values } = await store.observe(requestOf(payment));
  return set.vectorOf(payment, values);
}

export const requestOf = (payment: PseudonymousPayment): ObserveRequest => ({
  eventId: payment.endToEndId,
  atMs: payment.acceptedAtMs,
  amountCents: payment.amountCents,
  observe: set.observes(payment),
  entities: set.entitiesOf(payment),
});
