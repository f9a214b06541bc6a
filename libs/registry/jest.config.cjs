module.exports = { displayName: 'registry', ...require('../../jest.preset.cjs') };
