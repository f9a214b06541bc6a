/** The n-th CPF of the tests (0 to 899,999,999), with right check digits. */
export function cpf(n: number): string {
  const digits = [...String(100_000_000 + n)].map(Number);
  const first = checkDigit(digits, [10, 9, 8, 7, 6, 5, 4, 3, 2]);
  const second = checkDigit([...digits, first], [11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
  return [...digits, first, second].join('');
}

/** The n-th CNPJ of the tests (0 to 89,999,999), head office 0001, with right check digits. */
export function cnpj(n: number): string {
  const digits = [...`${10_000_000 + n}0001`].map(Number);
  const first = checkDigit(digits, [5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]);
  const second = checkDigit([...digits, first], [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2]);
  return [...digits, first, second].join('');
}

/** Modulo 11 of the weighted sum, 0 where it would have two digits (Receita Federal). */
function checkDigit(digits: number[], weights: number[]): number {
  const sum = digits.reduce((total, digit, i) => total + digit * weights[i]!, 0);
  const rest = sum % 11;
  return rest < 2 ? 0 : 11 - rest;
}
