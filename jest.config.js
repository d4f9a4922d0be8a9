import { availableParallelism } from 'node:os';
import process from 'node:process';

/** Tests run on TypeScript sources as ES modules: npm test starts node with --experimental-vm-modules. */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { target: 'es2024', parser: { syntax: 'typescript' }, experimental: { keepImportAttributes: true } },
        module: { type: 'es6' },
      },
    ],
  },
  globalSetup: '<rootDir>/test/support/rabbitmq/jest-run.ts',
  globalTeardown: '<rootDir>/test/support/rabbitmq/jest-end.ts',
  setupFilesAfterEnv: ['<rootDir>/test/support/only-loopback.ts'],
  testSequencer: '<rootDir>/test/support/longest-first.js',
  // Most test files wait for servers and timers more than they work; in CI one does nothing but wait.
  maxWorkers: availableParallelism() + (process.env.CI === 'true' ? 2 : 1),
  maxConcurrency: 8,
  testTimeout: 30_000,
};
