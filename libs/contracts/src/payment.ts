import { z } from 'zod';
import { dictEntry } from './dict.js';
import { endToEndId, instant, ispb, pseudonym, taxId } from './identifiers.js';
import { amount } from './money.js';
import { device, session } from './signals.js';

/** How the payment began (`LclInstrm` of pacs.008). */
export const initiationForm = z.enum(['MANU', 'DICT', 'QRDN', 'QRES', 'APDN', 'APES', 'INIC', 'AUTO']);
export type InitiationForm = z.infer<typeof initiationForm>;

/** What the payment is for (`Purp` of pacs.008). IPRT and REFU are returns, never a customer's habit. */
export const purpose = z.enum(['IPAY', 'GSCB', 'OTHR', 'REFU', 'IPRT']);
export type Purpose = z.infer<typeof purpose>;

/** `SvcLvl` of pacs.008: priority, under fraud analysis, scheduled. */
export const priority = z.enum(['PAGPRI', 'PAGFRD', 'PAGAGD']);
export type Priority = z.infer<typeof priority>;

/** Current, savings, payment, salary account, or a participant's own (`Tp/Cd` of pacs.008). */
export const accountType = z.enum(['CACC', 'SVGS', 'TRAN', 'SLRY', 'OTHR']);
export type AccountType = z.infer<typeof accountType>;

export const keyType = z.enum(['CPF', 'CNPJ', 'PHONE', 'EMAIL', 'EVP']);
export type KeyType = z.infer<typeof keyType>;

/** Which side asks: the payer's institution before it sends, or the payee's when the payment arrives. */
export const side = z.enum(['payer', 'payee']);
export type Side = z.infer<typeof side>;

const account = z.strictObject({
  number: z.string().regex(/^[0-9A-Z]{1,20}$/, 'must be 1 to 20 characters 0-9 A-Z'),
  branch: z
    .string()
    .regex(/^[0-9]{1,4}$/, 'must be 1 to 4 digits')
    .optional(),
  type: accountType,
});

const party = z.strictObject({
  taxId,
  ispb,
  account,
  name: z.string().max(140).optional(),
});

/** A Pix payment as a channel, the SPI or a file brings it: identifiers in clear, never stored so. */
export const payment = z
  .strictObject({
    endToEndId,
    side: side.default('payer'),
    amount,
    /** `AccptncDtTm`: when the payer's institution took the order. */
    acceptedAt: instant,
    initiationForm,
    purpose: purpose.default('IPAY'),
    priority: priority.default('PAGPRI'),
    txId: z
      .string()
      .regex(/^[a-zA-Z0-9]{1,35}$/, 'must be 1 to 35 letters or digits')
      .optional(),
    initiatorTaxId: taxId.optional(),
    remittanceInformation: z.string().max(140).optional(),
    payer: party,
    payee: party.extend({ key: z.string().min(1).max(77).optional() }),
    device: device.optional(),
    session: session.optional(),
    dict: dictEntry.optional(),
  })
  .meta({ id: 'Payment' });
export type Payment = z.infer<typeof payment>;
/** A payment as a caller writes it: parts with a default may be absent. */
export type PaymentInput = z.input<typeof payment>;

const pseudonymousParty = z.strictObject({
  person: pseudonym,
  account: pseudonym,
  accountType,
  ispb,
  legalPerson: z.boolean(),
  /** Check digits of the tax id are right. The SPI would refuse a wrong one; here it is a signal. */
  taxIdValid: z.boolean(),
});

/** A payment as everything behind the edge sees it: no CPF, name, account, key, device or IP in clear. */
export const pseudonymousPayment = z.strictObject({
  endToEndId,
  side,
  amountCents: z.int().positive(),
  acceptedAtMs: z.int(),
  initiationForm,
  purpose,
  priority,
  hasTxId: z.boolean(),
  hasRemittanceInformation: z.boolean(),
  initiator: pseudonym.optional(),
  payer: pseudonymousParty,
  payee: pseudonymousParty.extend({ key: pseudonym.optional(), keyType: keyType.optional() }),
  device: device.omit({ id: true, ip: true }).extend({ id: pseudonym, ip: pseudonym.optional() }).optional(),
  session: session.optional(),
  dict: dictEntry.optional(),
});
export type PseudonymousPayment = z.infer<typeof pseudonymousPayment>;
