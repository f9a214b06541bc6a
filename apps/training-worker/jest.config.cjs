const preset = require('../../jest.preset.cjs');

// kysely, which the ledger brings, is an ES module.
module.exports = {
  displayName: 'training-worker',
  ...preset,
  transformIgnorePatterns: ['node_modules/(?!(@nestjs|kysely)/)'],
};
