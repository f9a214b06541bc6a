import { parseModelUri } from './model-uri.js';

test.each([
  ['file:models/champion', { kind: 'file', directory: '/srv/vigia/models/champion' }],
  ['file:/models/champion', { kind: 'file', directory: '/models/champion' }],
  ['file:///models/with%20space', { kind: 'file', directory: '/models/with space' }],
  ['models:/pix-fraud@champion', { kind: 'alias', model: 'pix-fraud', alias: 'champion' }],
  ['models:/pix-fraud@challenger', { kind: 'alias', model: 'pix-fraud', alias: 'challenger' }],
  ['models:/pix-fraud/12', { kind: 'version', model: 'pix-fraud', version: '12' }],
])('%s', (uri, parsed) => expect(parseModelUri(uri, '/srv/vigia')).toEqual(parsed));

test.each([
  '',
  'file:',
  '/models/champion',
  's3://bucket/model',
  'models:/pix-fraud',
  'models:/pix-fraud@',
  'models:/pix-fraud@production',
  'models:/pix-fraud/latest',
  'models:/pix-fraud/0',
  'models:/../outside/1',
  'models:/..@champion',
  'models://pix-fraud/1',
])('%j is refused, naming the forms', (uri) => {
  expect(() => parseModelUri(uri, '/')).toThrow('is none of models:/NAME@champion');
});
