module.exports = { displayName: 'ingestion', ...require('../../jest.preset.cjs') };
