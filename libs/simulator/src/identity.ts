import type { Random } from './random.js';

/** Codes of institutions that do not exist; the first is ours. One has letters, as new codes do. */
export const OWN_ISPB = '99400100';
const OTHER_ISPBS = ['99400201', '99400302', '99400403', '99400504', '99400605', '99400706', '99400807', '9940B908'];
const OTHER_SHARES = [0.24, 0.44, 0.6, 0.73, 0.84, 0.91, 0.97, 1];

export function otherIspb(random: Random): string {
  const target = random.unit();
  let i = 0;
  while (OTHER_SHARES[i]! <= target) i++;
  return OTHER_ISPBS[i]!;
}

/** CPF number `serial`: distinct serials give distinct numbers, as 3^18 and 10^9 share no factor. */
export function cpf(serial: number): string {
  const base = String((serial * 387_420_489 + 271_828_183) % 1_000_000_000).padStart(9, '0');
  const first = checkDigit(base, 10);
  return base + first + checkDigit(base + first, 11);
}

/** CNPJ of the head office (branch 0001); letters where the law since July 2026 allows them. */
export function cnpj(serial: number, withLetters: boolean): string {
  const digits = String((serial * 14_348_907 + 31_415_927) % 100_000_000).padStart(8, '0');
  const root = withLetters ? digits.slice(0, 2) + LETTERS[serial % 26]! + digits.slice(3) : digits;
  const base = `${root}0001`;
  const first = checkDigit(base, 9);
  return base + first + checkDigit(base + first, 9);
}

/** Modulo 11 with weights 2, 3, ... from the right, back to 2 after `highest`; a character counts its code - 48. */
function checkDigit(text: string, highest: number): string {
  let sum = 0;
  let weight = 2;
  for (let i = text.length - 1; i >= 0; i--) {
    sum += (text.charCodeAt(i) - 48) * weight;
    weight = weight === highest ? 2 : weight + 1;
  }
  const rest = sum % 11;
  return String(rest < 2 ? 0 : 11 - rest);
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** `length` letters and digits. */
export function alphanumeric(random: Random, length: number): string {
  let text = '';
  let left = 0;
  let word = 0;
  for (let i = 0; i < length; i++) {
    if (left === 0) {
      word = random.uint32();
      left = 5;
    }
    text += ALPHABET[word % 62]!;
    word = Math.floor(word / 62);
    left--;
  }
  return text;
}

export function digits(random: Random, length: number): string {
  return String(random.below(10 ** length)).padStart(length, '0');
}

export function hex(random: Random, length: number): string {
  let text = '';
  while (text.length < length) text += random.uint32().toString(16).padStart(8, '0');
  return text.slice(0, length);
}

/** A random UUID (version 4), as DICT gives for an EVP key. */
export function uuid(random: Random): string {
  const text = hex(random, 32);
  const variant = '89ab'[random.below(4)]!;
  return `${text.slice(0, 8)}-${text.slice(8, 12)}-4${text.slice(13, 16)}-${variant}${text.slice(17, 20)}-${text.slice(20)}`;
}

const FIRST =
  'Ana Maria João José Antônio Francisco Carlos Paulo Pedro Lucas Luiz Marcos Gabriel Rafael Daniel Marcelo Bruno Eduardo Felipe Juliana Márcia Fernanda Patrícia Aline Sandra Camila Amanda Bruna Jéssica Letícia Júlia Luciana Vanessa Mariana Gabriela Vera Rita Sônia Beatriz Larissa Rosa Renata Tiago Diego Rodrigo André Fábio Leandro Gustavo Vitor'.split(
    ' ',
  );
const LAST =
  'Silva Santos Oliveira Souza Rodrigues Ferreira Alves Pereira Lima Gomes Costa Ribeiro Martins Carvalho Almeida Lopes Soares Fernandes Vieira Barbosa Rocha Dias Nascimento Andrade Moreira Nunes Marques Machado Mendes Freitas Cardoso Ramos Gonçalves Santana Teixeira Araújo Pinto Cavalcanti Monteiro Moura'.split(
    ' ',
  );
const TRADES =
  'Mercado Padaria Farmácia Oficina Restaurante Lanchonete Papelaria Confecções Transportes Informática Materiais Clínica Academia Pet Bebidas Serviços Imóveis Energia Telecom Escola'.split(
    ' ',
  );

export function personName(random: Random): string {
  return `${random.pick(FIRST)} ${random.pick(LAST)} ${random.pick(LAST)}`;
}

export function companyName(random: Random): string {
  return `${random.pick(TRADES)} ${random.pick(LAST)} ${random.chance(0.7) ? 'Ltda' : 'ME'}`;
}

/** An address of the mobile and home networks; `anonymous` draws from ranges of hosting companies. */
export function ipv4(random: Random): string {
  return `${random.pick([177, 179, 186, 187, 189, 191, 200, 201])}.${random.below(256)}.${random.below(256)}.${random.integer(1, 254)}`;
}
