import type { KeyType } from '@vigia/contracts';

const EVP = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * Type of a Pix key. pacs.008 carries the key (`CdtrAcct/Prxy/Id`) without its type, so the form decides, in this order:
 * UUID, `@`, `+`, 11 digits, 14 characters. null when it is none of them.
 */
export function keyTypeOf(key: string): KeyType | null {
  if (EVP.test(key)) return 'EVP';
  if (key.includes('@')) return 'EMAIL';
  if (/^\+[1-9][0-9]{1,14}$/.test(key)) return 'PHONE';
  if (/^[0-9]{11}$/.test(key)) return 'CPF';
  if (/^[0-9A-Z]{12}[0-9]{2}$/.test(key)) return 'CNPJ';
  return null;
}
