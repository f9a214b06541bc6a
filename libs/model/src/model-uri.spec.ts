import { resolveModelUri } from './model-uri.js';

test.each([
  ['file:models/champion', '/srv/vigia/models/champion'],
  ['file:/models/champion', '/models/champion'],
  ['file:///models/with%20space', '/models/with space'],
])('%s', (uri, directory) => expect(resolveModelUri(uri, '/srv/vigia')).toBe(directory));

test('a model of the registry says that there is no registry client', () => {
  expect(() => resolveModelUri('models:/pix@champion', '/')).toThrow(/no registry client is configured.*file:PATH/);
});

test.each(['', 'file:', '/models/champion', 's3://bucket/model'])('%j is refused', (uri) => {
  expect(() => resolveModelUri(uri, '/')).toThrow('is not of the form file:PATH');
});
