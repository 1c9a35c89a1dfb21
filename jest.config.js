/** One Jest for the whole workspace; SWC strips types, `npm run typecheck` checks them. */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/libs', '<rootDir>/services', '<rootDir>/contracts/test'],
  testMatch: ['**/*.spec.ts'],
  modulePathIgnorePatterns: ['/dist/'],
  transform: { '^.+\\.ts$': ['@swc/jest', require('./tools/swc-options.js')] },
  moduleNameMapper: { '^@evenkeel/([^/]+)$': '<rootDir>/libs/$1/src/index.ts' },
  // ES modules from npm that Jest must see as CommonJS would be listed here; today there are none.
  transformIgnorePatterns: ['/node_modules/'],
  testTimeout: 60_000,
};
