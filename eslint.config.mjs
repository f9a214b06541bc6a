import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';

/** Pure libraries compute; they reach no framework, store, disk or network. */
const impure = ['@nestjs/*', 'ioredis', 'pg', 'kysely', 'onnxruntime-node', 'bullmq', 'fastify', '@grpc/*'];

export default [
  { ignores: ['**/dist', '**/coverage', '**/.venv', '.vigia'] },
  ...nx.configs['flat/base'],
  ...nx.configs['flat/typescript'],
  {
    files: ['**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@nx/enforce-module-boundaries': [
        'error',
        {
          banTransitiveDependencies: true,
          depConstraints: [
            { sourceTag: 'layer:contracts', onlyDependOnLibsWithTags: [], bannedExternalImports: impure },
            {
              sourceTag: 'layer:pure',
              onlyDependOnLibsWithTags: ['layer:contracts', 'layer:pure'],
              bannedExternalImports: impure,
            },
            { sourceTag: 'layer:engine', onlyDependOnLibsWithTags: ['layer:contracts', 'layer:pure', 'layer:testing'] },
            { sourceTag: 'layer:testing', onlyDependOnLibsWithTags: ['layer:contracts', 'layer:pure'] },
            {
              sourceTag: 'layer:tool',
              onlyDependOnLibsWithTags: ['layer:contracts', 'layer:pure', 'layer:engine', 'layer:testing'],
            },
            {
              sourceTag: 'layer:app',
              onlyDependOnLibsWithTags: ['layer:contracts', 'layer:pure', 'layer:engine', 'layer:testing'],
            },
          ],
        },
      ],
    },
  },
  {
    files: ['libs/{contracts,spi,features,simulator,statistics}/src/**/*.ts'],
    ignores: ['**/*.spec.ts', '**/*.fixture.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: ['node:fs*', 'node:net', 'node:http*', 'node:child_process', 'fs', 'net', 'http'] },
      ],
    },
  },
  {
    files: ['{libs,apps}/*/src/**/*.ts'],
    ignores: ['**/*.spec.ts', '**/main.ts', 'libs/testing/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "MemberExpression[object.name='process'][property.name='env']",
          message: "Settings come from the app's config, parsed once in main.ts.",
        },
      ],
    },
  },
  prettier,
];
