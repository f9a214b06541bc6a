module.exports = { displayName: 'online-store', ...require('../../jest.preset.cjs') };
