import { CONFORMANCE } from './feature-set.fixture.js';
import type { Engine } from './engines.fixture.js';
import { expected, type Arrival } from './history.fixture.js';

/** Bit for bit, feature by feature; says which payment and feature differ. */
export async function requireAgreement(
  engine: Engine,
  history: Arrival[],
  every = 1,
  set = CONFORMANCE,
): Promise<void> {
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
