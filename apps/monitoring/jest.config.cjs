const preset = require('../../jest.preset.cjs');

// kysely, which the ledger brings, is an ES module.
module.exports = {
  displayName: 'monitoring',
  ...preset,
  transformIgnorePatterns: ['node_modules/(?!(@nestjs|kysely)/)'],
};
