import { requireAgreement } from './agreement.fixture.js';
import { Spark } from './engines.fixture.js';
import { CONFORMANCE } from './feature-set.fixture.js';
import { hotHistory } from './history.fixture.js';

jest.setTimeout(600_000);

const WITHOUT_EXTREMES = {
  ...CONFORMANCE,
  features: CONFORMANCE.features.filter(
    (feature) => feature.kind === 'computed' || !['maximum', 'minimum'].includes(feature.aggregation),
  ),
};

let spark: Spark;
beforeAll(() => {
  spark = new Spark();
});
afterAll(() => spark.close());

// Spark looks for the extremes of a moving frame row by row: some 50,000 squared.
test('50,000 payments of a hot payee and a hot payer, without extremes', () =>
  requireAgreement(spark.engine, hotHistory(50_000), 4_999, WITHOUT_EXTREMES));

test('3,000 payments of a hot payee and a hot payer', () => requireAgreement(spark.engine, hotHistory(3_000), 299));
