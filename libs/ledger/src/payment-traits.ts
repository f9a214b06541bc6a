import type { InitiationForm, Side } from '@vigia/contracts';

/** What segments of payments are told by. */
export interface PaymentTraits {
  acceptedAtMs: number;
  amountCents: number;
  initiationForm: InitiationForm;
  side: Side;
  payerIsCompany: boolean;
  payeeIsCompany: boolean;
  /** Null where the caller tells of none. */
  channel: string | null;
}

/** One value of a row of `assessment`, which pg gives as {@link TraitsValue}. */
export const TRAITS = `jsonb_build_array(payment -> 'amountCents', payment -> 'initiationForm', side,
    payment #> '{payer,legalPerson}', payment #> '{payee,legalPerson}', payment #> '{session,channel}')`;

export type TraitsValue = [number, InitiationForm, Side, boolean, boolean, string | null];

export function traitsOf(acceptedAt: Date, value: TraitsValue): PaymentTraits {
  const [amountCents, initiationForm, side, payerIsCompany, payeeIsCompany, channel] = value;
  return {
    acceptedAtMs: acceptedAt.getTime(),
    amountCents,
    initiationForm,
    side,
    payerIsCompany,
    payeeIsCompany,
    channel,
  };
}
