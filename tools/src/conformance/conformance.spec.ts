import fc from 'fast-check';
import { requireAgreement } from './agreement.fixture.js';
import { Spark, duckdb, valkey, type Engine } from './engines.fixture.js';
import { histories, hotHistory, together, type Arrival } from './history.fixture.js';

const SEED = 20_261_127;
const many = (): Arrival[] => together(fc.sample(histories, { numRuns: 60, seed: SEED }));

const random = (engine: Engine, runs: number) => (): Promise<void> =>
  fc.assert(
    fc.asyncProperty(histories, (history) => requireAgreement(engine, history)),
    { numRuns: runs },
  );
const RANDOM = 'random histories: ties, late payments, edges of windows, labels corrected, repeats';
const MANY = 'sixty random histories side by side';
const HOT = '50,000 payments of a hot payee and a hot payer';

describe.each<[string, Engine, number]>([
  ['valkey', valkey, 30],
  ['duckdb', duckdb, 15],
])('%s', (_, engine, runs) => {
  test(RANDOM, random(engine, runs), 300_000);
  test(MANY, () => requireAgreement(engine, many()), 300_000);
  test(HOT, () => requireAgreement(engine, hotHistory(50_000), 4_999), 600_000);
});

describe('spark', () => {
  let spark: Spark;
  beforeAll(() => {
    spark = new Spark();
  });
  afterAll(() => spark.close());

  test(MANY, () => requireAgreement(spark.engine, many()), 600_000);
});
