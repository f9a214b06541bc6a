module.exports = { displayName: 'simulator', ...require('../../jest.preset.cjs') };
