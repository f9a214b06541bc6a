module.exports = { displayName: 'platform', ...require('../../jest.preset.cjs') };
