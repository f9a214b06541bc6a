const preset = require('../../jest.preset.cjs');

// kysely is an ES module.
module.exports = {
  displayName: 'ledger',
  ...preset,
  transformIgnorePatterns: ['node_modules/(?!(@nestjs|kysely)/)'],
};
