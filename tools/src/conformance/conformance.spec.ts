import fc from 'fast-check';
import { CONFORMANCE } from './feature-set.fixture.js';
import { duckdb, spark, valkey, type Engine } from './engines.fixture.js';
import { expected, histories, hotHistory, together, type Arrival } from './history.fixture.js';

/** Bit for bit, feature by feature; says which payment and feature differ. */
async function requireAgreement(engine: Engine, history: Arrival[], every = 1): Promise<void> {
  const wanted = expected(CONFORMANCE, history, every);
  const got = await engine(CONFORMANCE, history);
  expect(got).toHaveLength(wanted.length);
  const differences: string[] = [];
  wanted.forEach((vector, row) => {
    vector?.forEach((value, index) => {
      if (!Object.is(got[row]![index], value) && got[row]![index] !== value)
        differences.push(`payment ${row}: ${CONFORMANCE.features[index]!.name} is ${got[row]![index]}, not ${value}`);
    });
  });
  expect(differences.slice(0, 20)).toEqual([]);
}

const SEED = 20_261_127;
const many = (): Arrival[] => together(fc.sample(histories, { numRuns: 60, seed: SEED }));

describe.each<[string, Engine, number]>([
  ['valkey', valkey, 30],
  ['duckdb', duckdb, 15],
  ['spark', spark, 0],
])('%s', (_, engine, runs) => {
  if (runs > 0) {
    test('random histories: ties, late payments, edges of windows, labels corrected, repeats', async () => {
      await fc.assert(
        fc.asyncProperty(histories, (history) => requireAgreement(engine, history)),
        { numRuns: runs },
      );
    }, 300_000);
  }

  test('sixty random histories side by side', () => requireAgreement(engine, many()), 300_000);

  test('50,000 payments of a hot payee and a hot payer', () => requireAgreement(engine, hotHistory(50_000), 4_999), 600_000);
});
