import { keyTypeOf } from './pix-key.js';

it.each([
  ['52998224725', 'CPF'],
  ['11222333000181', 'CNPJ'],
  ['12ABC34501DE35', 'CNPJ'],
  ['+5561999990000', 'PHONE'],
  ['idContaTransacional0@bc.com.br', 'EMAIL'],
  ['+5561999990000@example.com', 'EMAIL'],
  ['7d9f0335-8dcc-4054-9bf9-0dbd61d36906', 'EVP'],
  ['5561999990000', null],
  ['+', null],
  ['not a key', null],
  ['', null],
])('type of the key %p is %p', (key, type) => {
  expect(keyTypeOf(key)).toBe(type);
});
