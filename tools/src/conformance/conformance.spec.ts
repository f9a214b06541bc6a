import fc from 'fast-check';
import { CONFORMANCE } from './feature-set.fixture.js';
import { Spark, duckdb, valkey, type Engine } from './engines.fixture.js';
import { expected, histories, hotHistory, together, type Arrival } from './history.fixture.js';

/** Bit for bit, feature by feature; says which payment and feature differ. */
async function requireAgreement(engine: Engine, history: Arrival[], every = 1, set = CONFORMANCE): Promise<void> {
  const wanted = expected(set, history, every);
  const got = await engine(set, history);
  expect(got).toHaveLength(wanted.length);
  const differences: string[] = [];
  wanted.forEach((vector, row) => {
    vector?.forEach((value, index) => {
      if (!Object.is(got[row]![index], value) && got[row]![index] !== value)
        differences.push(`payment ${row}: ${set.features[index]!.name} is ${got[row]![index]}, not ${value}`);
    });
  });
  expect(differences.slice(0, 20)).toEqual([]);
}

const SEED = 20_261_127;
const many = (): Arrival[] => together(fc.sample(histories, { numRuns: 60, seed: SEED }));

const WITHOUT_EXTREMES = {
  ...CONFORMANCE,
  features: CONFORMANCE.features.filter(
    (feature) => feature.kind === 'computed' || !['maximum', 'minimum'].includes(feature.aggregation),
  ),
};
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
  // Spark looks for the extremes of a moving frame row by row: some 50,000 squared.
  test(
    `${HOT}, without extremes`,
    () => requireAgreement(spark.engine, hotHistory(50_000), 4_999, WITHOUT_EXTREMES),
    600_000,
  );
  test(
    '3,000 payments of a hot payee and a hot payer',
    () => requireAgreement(spark.engine, hotHistory(3_000), 299),
    600_000,
  );
});
