import { parseConfig } from '@vigia/platform';
import { scoringConfig } from './config.js';

const REQUIRED = {
  DATABASE_URL: 'postgres://localhost/vigia',
  PSEUDONYM_SECRET: 'a secret of the tests, 32 characters or more',
};
const parse = (settings: Record<string, string>) => parseConfig(scoringConfig, { ...REQUIRED, ...settings });

test('models are named by file, alias or version', () => {
  const config = parse({
    MODEL_URI: 'models:/pix-fraud@champion',
    CHALLENGER_URI: 'models:/pix-fraud/3',
    MLFLOW_URL: 'http://mlflow:5000',
    CANARY_SHARE: '0.05',
  });
  expect(config).toMatchObject({
    modelUri: { kind: 'alias', model: 'pix-fraud', alias: 'champion' },
    challengerUri: { kind: 'version', model: 'pix-fraud', version: '3' },
    canaryShare: 0.05,
    modelPollSeconds: 10,
  });
  expect(parse({ MODEL_URI: 'file:/models/one' })).toMatchObject({ challengerUri: null, canaryShare: 0 });
  expect(parse({}).modelUri).toBeNull();
});

test.each<[string, Record<string, string>, RegExp]>([
  ['a model of the registry without MLflow', { MODEL_URI: 'models:/pix@champion' }, /MLFLOW_URL is not set.*file:PATH/],
  ['a challenger of the registry without MLflow', { CHALLENGER_URI: 'models:/pix/1' }, /MLFLOW_URL is not set/],
  ['another alias', { MODEL_URI: 'models:/pix@production' }, /MODEL_URI is .*models:\/NAME@champion/],
  ['a path alone', { CHALLENGER_URI: '/models/one' }, /CHALLENGER_URI is .*file:PATH/],
  ['an address of MLflow that is none', { MLFLOW_URL: 'mlflow:5000' }, /MLFLOW_URL is "mlflow:5000".*http:\/\/HOST/],
  ['a canary without a challenger', { CANARY_SHARE: '0.1' }, /CANARY_SHARE is "0.1".*CHALLENGER_URI/],
  ['a share above 1', { CANARY_SHARE: '5', CHALLENGER_URI: 'file:x' }, /CANARY_SHARE is "5"/],
  ['no time between two questions', { MODEL_POLL_SECONDS: '0' }, /MODEL_POLL_SECONDS is "0"/],
])('%s is refused at the start, with the remedy', (_, settings, message) => {
  expect(() => parse(settings)).toThrow(message);
});
