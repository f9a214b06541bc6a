import { createHmac, hash } from 'node:crypto';
import { toCents, type Payment, type PseudonymousPayment } from '@vigia/contracts';
import { isLegalPerson, keyTypeOf, taxIdCheckDigitsValid } from '@vigia/spi';

export type IdentifierKind = 'person' | 'account' | 'key' | 'device' | 'ip';

/** Block and digest of SHA-256, bytes (FIPS 180-4). */
const BLOCK = 64;
const DIGEST = 32;
/** Longest kind and value, in bytes, that the shared buffer takes; longer ones go the slow way. */
const CAPACITY = 1_024;
const TOKEN_LENGTH = 22;

/**
 * Replaces identifiers of persons by keyed tokens: `k<version>.` and the first 22 characters of
 * base64url(HMAC-SHA256(secret, kind 0x00 value)), 132 bits. Without the secret a token can be neither reversed nor
 * guessed from the small space of tax ids; the same value gives the same token, so that windows and joins work.
 *
 * HMAC is two plain digests (RFC 2104) over key blocks that are prepared once: a third of the cost of `createHmac`,
 * which sets up a context for each value.
 */
export class Pseudonymiser {
  private readonly prefix: string;
  private readonly key: Buffer;
  private readonly inner = Buffer.alloc(BLOCK + CAPACITY);
  private readonly outer = Buffer.alloc(BLOCK + DIGEST);

  /**
   * @param settings.version of the secret, 1 to 9999; a new secret needs a new version
   * @param settings.secret at least 32 bytes
   */
  constructor(settings: { version: number; secret: Uint8Array }) {
    const { version, secret } = settings;
    if (!Number.isInteger(version) || version < 1 || version > 9_999) {
      throw new RangeError('the version of the pseudonymisation secret must be 1 to 9999');
    }
    if (secret.length < DIGEST) {
      throw new RangeError(`the pseudonymisation secret has ${secret.length} bytes; it needs at least ${DIGEST}`);
    }
    this.prefix = `k${version}.`;
    this.key = Buffer.from(secret);
    const block = Buffer.alloc(BLOCK);
    (secret.length > BLOCK ? Buffer.from(hash('sha256', secret, 'hex'), 'hex') : this.key).copy(block);
    for (let i = 0; i < BLOCK; i += 1) {
      this.inner[i] = block[i]! ^ 0x36;
      this.outer[i] = block[i]! ^ 0x5c;
    }
  }

  token(kind: IdentifierKind, value: string): string {
    const message = `${kind}\0${value}`;
    // One UTF-16 unit takes at most three bytes of UTF-8.
    if (message.length * 3 > CAPACITY) {
      return this.prefix + createHmac('sha256', this.key).update(message).digest('base64url').slice(0, TOKEN_LENGTH);
    }
    const length = this.inner.write(message, BLOCK, 'utf8');
    this.outer.write(hash('sha256', this.inner.subarray(0, BLOCK + length), 'binary'), BLOCK, 'binary');
    return this.prefix + hash('sha256', this.outer, 'base64url').slice(0, TOKEN_LENGTH);
  }

  /** The payment as everything behind the edge sees it. Names and free text are dropped, not replaced. */
  payment(payment: Payment): PseudonymousPayment {
    const { payer, payee, device } = payment;
    return {
      endToEndId: payment.endToEndId,
      side: payment.side,
      amountCents: toCents(payment.amount),
      acceptedAtMs: Date.parse(payment.acceptedAt),
      initiationForm: payment.initiationForm,
      purpose: payment.purpose,
      priority: payment.priority,
      hasTxId: payment.txId !== undefined,
      hasRemittanceInformation: payment.remittanceInformation !== undefined,
      ...(payment.initiatorTaxId === undefined ? {} : { initiator: this.token('person', payment.initiatorTaxId) }),
      payer: this.party(payer),
      payee: { ...this.party(payee), ...this.payeeKey(payee.key) },
      ...(device === undefined ? {} : { device: this.device(device) }),
      ...(payment.session === undefined ? {} : { session: payment.session }),
      ...(payment.dict === undefined ? {} : { dict: payment.dict }),
    };
  }

  private party(party: Payment['payer']): PseudonymousPayment['payer'] {
    const { taxId, ispb, account } = party;
    return {
      person: this.token('person', taxId),
      account: this.token('account', `${ispb}|${account.branch ?? ''}|${account.number}|${account.type}`),
      accountType: account.type,
      ispb,
      legalPerson: isLegalPerson(taxId),
      taxIdValid: taxIdCheckDigitsValid(taxId),
    };
  }

  private payeeKey(key: string | undefined): Pick<PseudonymousPayment['payee'], 'key' | 'keyType'> {
    if (key === undefined) return {};
    const keyType = keyTypeOf(key);
    return { key: this.token('key', key), ...(keyType === null ? {} : { keyType }) };
  }

  private device(device: NonNullable<Payment['device']>): NonNullable<PseudonymousPayment['device']> {
    const { id, ip, ...signals } = device;
    return { ...signals, id: this.token('device', id), ...(ip === undefined ? {} : { ip: this.token('ip', ip) }) };
  }
}
