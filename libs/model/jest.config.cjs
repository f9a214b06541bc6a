module.exports = {
  displayName: 'model',
  ...require('../../jest.preset.cjs'),
  testEnvironment: '<rootDir>/jest-environment.cjs',
};
