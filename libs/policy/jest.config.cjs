module.exports = { displayName: 'policy', ...require('../../jest.preset.cjs') };
