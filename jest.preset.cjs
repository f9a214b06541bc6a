const swc = {
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
    keepClassNames: true,
  },
  module: { type: 'commonjs' },
  sourceMaps: 'inline',
  swcrc: false,
};

module.exports = {
  // Against what hangs; no test is a measurement. Real servers on a busy machine may take long.
  testTimeout: 60_000,
  // onnxruntime wants typed arrays of the process's own realm.
  testEnvironment: require.resolve('./libs/model/jest-environment.cjs'),
  roots: ['<rootDir>/src'],
  transform: { '^.+\\.[tj]s$': ['@swc/jest', swc] },
  transformIgnorePatterns: ['node_modules/(?!(@nestjs|kysely|hyparquet|hyparquet-writer)/)'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  testEnvironmentOptions: { customExportConditions: ['@vigia/source', 'node', 'require', 'default'] },
};
