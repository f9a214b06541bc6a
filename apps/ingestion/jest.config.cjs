const preset = require('../../jest.preset.cjs');

// kysely, which the ledger brings, is an ES module.
module.exports = {
  displayName: 'ingestion',
  ...preset,
  transformIgnorePatterns: ['node_modules/(?!(@nestjs|kysely)/)'],
};
