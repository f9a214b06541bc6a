module.exports = { displayName: 'tools', ...require('../jest.preset.cjs') };
