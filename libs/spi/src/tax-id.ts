/** CPF and CNPJ: natural and legal persons. */

/** CNPJ (14 characters) as against CPF (11). */
export function isLegalPerson(taxId: string): boolean {
  return taxId.length === 14;
}

/**
 * Whether the two check digits fit: CPF (11 digits) and CNPJ (14), numeric or alphanumeric.
 * Modulus 11 over character code - 48, which is the digit itself and 17 for `A` (Instrução Normativa RFB 2.229/2024).
 * A tax id of one repeated character passes the sum but is never given out.
 */
export function taxIdCheckDigitsValid(taxId: string): boolean {
  if (!/^([0-9]{11}|[0-9A-Z]{12}[0-9]{2})$/.test(taxId) || /^(.)\1+$/.test(taxId)) return false;
  const greatestWeight = isLegalPerson(taxId) ? 9 : 11;
  const first = checkDigit(taxId.slice(0, -2), greatestWeight);
  const second = checkDigit(taxId.slice(0, -1), greatestWeight);
  return taxId.endsWith(`${first}${second}`);
}

/** Weights 2, 3, ... from the right, from 2 again after the greatest: a CNPJ's go to 9, a CPF's never wrap. */
function checkDigit(characters: string, greatestWeight: number): number {
  let sum = 0;
  let weight = 2;
  for (let at = characters.length - 1; at >= 0; at--) {
    sum += (characters.charCodeAt(at) - 48) * weight;
    weight = weight === greatestWeight ? 2 : weight + 1;
  }
  const rest = sum % 11;
  return rest < 2 ? 0 : 11 - rest;
}
