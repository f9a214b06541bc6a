module.exports = { displayName: 'ledger', ...require('../../jest.preset.cjs') };
