module.exports = { displayName: 'model', ...require('../../jest.preset.cjs') };
