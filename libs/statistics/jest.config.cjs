module.exports = { displayName: 'statistics', ...require('../../jest.preset.cjs') };
