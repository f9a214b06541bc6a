module.exports = { displayName: 'offline-store', ...require('../../jest.preset.cjs') };
