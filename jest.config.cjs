module.exports = {
  // As in jest.preset.cjs, which Jest does not ask where many projects run together.
  testTimeout: 60_000,
  projects: ['<rootDir>/libs/*/jest.config.cjs', '<rootDir>/apps/*/jest.config.cjs', '<rootDir>/tools/jest.config.cjs'],
};
