import type { PaymentTraits } from '@vigia/ledger';

const HOUR_MS = 3_600_000;
const BRASILIA_OFFSET_MS = 3 * HOUR_MS;

/** Upper end of a band, itself outside, and its name. */
type Band = [number, string];
/** Hours in Brasília. Pix's night, with limits of its own, is 20h to 06h. */
const HOUR_BANDS: Band[] = [
  [6, '00h_to_06h'],
  [12, '06h_to_12h'],
  [20, '12h_to_20h'],
  [24, '20h_to_24h'],
];
const AMOUNT_BANDS: Band[] = [
  [100_00, 'below_100_brl'],
  [1_000_00, '100_to_1000_brl'],
  [5_000_00, '1000_to_5000_brl'],
  [Infinity, 'from_5000_brl'],
];

const bandOf = (bands: Band[], value: number): string => bands.find(([end]) => value < end)![1];
const hourOf = (ms: number): number => Math.floor((ms - BRASILIA_OFFSET_MS) / HOUR_MS) % 24;
const person = (isCompany: boolean): string => (isCompany ? 'company' : 'person');
const FORMS: Partial<Record<PaymentTraits['initiationForm'], string>> = {
  MANU: 'manual',
  QRDN: 'dynamic_code',
  APDN: 'dynamic_code',
};

/** Every segmentation of payments, by the names that `evaluation.json` of a bundle has; `channel` is not in there. */
export const SEGMENTATIONS: Record<string, (traits: PaymentTraits) => string> = {
  initiation_form: ({ initiationForm }) => FORMS[initiationForm] ?? 'key_or_static_code',
  hour: ({ acceptedAtMs }) => bandOf(HOUR_BANDS, hourOf(acceptedAtMs)),
  amount: ({ amountCents }) => bandOf(AMOUNT_BANDS, amountCents),
  payer: ({ payerIsCompany }) => person(payerIsCompany),
  payee: ({ payeeIsCompany }) => person(payeeIsCompany),
  side: ({ side }) => (side === 'payee' ? 'arrived' : 'sent'),
  channel: ({ channel }) => channel ?? 'unknown',
};

/** The segments that a payment is in, one of each segmentation: `amount/below_100_brl`. */
export const segmentsOf = (traits: PaymentTraits): string[] =>
  Object.entries(SEGMENTATIONS).map(([segmentation, tell]) => `${segmentation}/${tell(traits)}`);
