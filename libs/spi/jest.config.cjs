module.exports = { displayName: 'spi', ...require('../../jest.preset.cjs') };
