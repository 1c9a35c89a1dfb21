// Boundaries and purity are data with reasons here; services/keel/src/tidy.spec.ts plants violations of each kind.
import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

/** Which layer may import which: kernel ← facts ← domain ← eventing ← contracts ← engine ← use cases, lab ← adapters ← services. */
const LAYERS = [
  ['kernel', ['kernel']],
  // What Node does better than the language: every host, worker and adapter loads it, and nothing that runs in a browser.
  ['platform', ['kernel', 'platform']],
  ['facts', ['kernel', 'facts']],
  // Domain libraries share the vocabulary of facts and may build on one another's arithmetic, never on hosts.
  ['domain', ['kernel', 'facts', 'domain']],
  ['eventing', ['kernel', 'facts', 'domain', 'eventing']],
  ['contracts', ['kernel', 'facts', 'domain', 'eventing', 'contracts']],
  // What hosts share and no host may do differently: sealing, settling, event time, boot, replay.
  ['engine', ['kernel', 'facts', 'domain', 'eventing', 'contracts', 'engine']],
  // The lab runs cores in process: it sees no adapter but the simulated venue, which is a core with a file behind it.
  ['lab', ['kernel', 'facts', 'domain', 'eventing', 'contracts', 'engine', 'lab', 'venue-core']],
  ['venue-core', ['kernel', 'facts', 'domain', 'eventing', 'contracts', 'venue-core']],
  // Use cases take ports and do no IO of their own; adapters implement those ports, services compose the two.
  ['use-case', ['kernel', 'facts', 'domain', 'eventing', 'contracts', 'engine', 'use-case', 'platform']],
  [
    'adapter',
    [
      'kernel',
      'platform',
      'facts',
      'domain',
      'eventing',
      'contracts',
      'engine',
      'venue-core',
      'use-case',
      'adapter',
    ],
  ],
  // Services host the engine and never the lab, which is research; the command line has commands for both.
  [
    'service',
    [
      'kernel',
      'platform',
      'facts',
      'domain',
      'eventing',
      'contracts',
      'engine',
      'venue-core',
      'use-case',
      'adapter',
    ],
  ],
  [
    'command-line',
    [
      'kernel',
      'platform',
      'facts',
      'domain',
      'eventing',
      'contracts',
      'engine',
      'lab',
      'venue-core',
      'use-case',
      'adapter',
    ],
  ],
  ['testkit', ['*']],
];

/**
 * Inside the domain: instruments ← pools, pricing ← market ← risk, routing ← hedging, execution ← accounting; hedging ← simulation. What two of them need
 * moves down, so that neither a model nor an optimiser ever hangs on the order core.
 */
const DOMAIN = [
  // Who may agree to what: asked by whoever puts it in force.
  ['governance', ['audit']],
  ['instruments', []],
  // How figures are written and drawn for people.
  ['figures', ['instruments']],
  ['charts', []],
  ['pools', ['instruments']],
  ['pricing', ['instruments']],
  ['market', ['instruments', 'charts', 'pricing']],
  ['risk', ['instruments', 'pricing', 'market']],
  ['routing', ['instruments', 'pricing']],
  ['hedging', ['governance', 'instruments', 'pools', 'pricing', 'market', 'risk', 'routing']],
  // Hedged books on simulated markets: loaded by every thread that runs one, so it knows no core but the policies.
  ['simulation', ['charts', 'pricing', 'hedging']],
  ['execution', ['governance', 'instruments', 'figures', 'pricing', 'market', 'risk', 'routing']],
  ['accounting', ['instruments', 'figures', 'pricing', 'market', 'risk', 'routing', 'hedging', 'execution']],
  // Proofs know bytes and keys, and nothing of markets.
  ['audit', []],
];

export const PURE_LIBRARIES = [
  'kernel',
  'facts',
  'instruments',
  'figures',
  'charts',
  'pools',
  'pricing',
  'market',
  'risk',
  'routing',
  'hedging',
  'simulation',
  'execution',
  'accounting',
  'audit',
  'governance',
  'eventing',
  'contracts',
  'engine',
  'lab',
  'reconstruction',
  'desk',
];
/** The exchange of a tape: its fills are in the decision digest, so it is held to what cores are held to, but for where it keeps its file. */
const SIMULATED_EXCHANGE = ['libs/adapter-venue-sim/src/**/*.ts'];
const ITS_FILE = ['libs/adapter-venue-sim/src/file-venue.ts', 'libs/adapter-venue-sim/src/tape-connector.ts'];
const TESTS = ['**/*.spec.ts', '**/*.test-support.ts', '**/test/**'];

const CORE_BANS = [
  { selector: "NewExpression[callee.name='Date']", message: 'Time is an input: cores read no clock.' },
  {
    selector: "CallExpression[callee.object.name='Date']",
    message: 'Time is an input: cores read no clock.',
  },
  {
    selector: "MemberExpression[object.name='Math'][property.name='random']",
    message: 'Randomness is an input: use a seeded Random.',
  },
  {
    selector: 'CallExpression[callee.property.name=/^toLocale/]',
    message: 'Locales differ between machines.',
  },
];
const TRANSCENDENTAL = {
  selector:
    "MemberExpression[object.name='Math'][property.name=/^(exp|expm1|log|log1p|log2|log10|pow|sin|cos|tan|asin|acos|atan|atan2|sinh|cosh|tanh|cbrt|hypot)$/]",
  message: 'Engines differ in the last digit: use the pricing kernel’s own functions.',
};
const POWER_OPERATOR = {
  selector: "BinaryExpression[operator='**'][right.type!='Literal']",
  message: 'Engines differ in the last digit: use the pricing kernel’s pow.',
};
const GENERAL_BANS = [{ selector: 'ExportAllDeclaration', message: 'Name what you export.' }];

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/generated/**',
      '**/node_modules/**',
      '.evenkeel/**',
      '**/*.js',
      '**/*.mjs',
      '**/*.cjs',
      'libs/pricing/assembly/**',
    ],
  },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    plugins: { '@nx': nx },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-restricted-syntax': ['error', ...GENERAL_BANS],
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: false,
          depConstraints: [
            ...LAYERS.map(([layer, allowed]) => ({
              sourceTag: `layer:${layer}`,
              onlyDependOnLibsWithTags: allowed.map((name) => (name === '*' ? '*' : `layer:${name}`)),
            })),
            ...DOMAIN.map(([room, below]) => ({
              allSourceTags: ['layer:domain', `scope:${room}`],
              onlyDependOnLibsWithTags: [
                'layer:kernel',
                'layer:facts',
                ...[...below, room].map((name) => `scope:${name}`),
              ],
            })),
          ],
        },
      ],
    },
  },
  {
    files: [...PURE_LIBRARIES.map((name) => `libs/${name}/src/**/*.ts`), ...SIMULATED_EXCHANGE],
    ignores: [...TESTS, ...ITS_FILE],
    rules: {
      'no-restricted-syntax': ['error', ...GENERAL_BANS, ...CORE_BANS, TRANSCENDENTAL, POWER_OPERATOR],
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: [
                'node:*',
                'fs',
                'path',
                'crypto',
                'os',
                'child_process',
                '@nats-io/*',
                'pg',
                '@nestjs/*',
              ],
              message: 'Cores do no IO.',
            },
          ],
        },
      ],
      'no-restricted-globals': [
        'error',
        'process',
        'Buffer',
        'setTimeout',
        'setInterval',
        'setImmediate',
        'queueMicrotask',
        'performance',
        'crypto',
        'Intl',
        'fetch',
        'console',
        'window',
      ],
    },
  },
  {
    // Specs sit beside the code and may use the testkit and whatever proves their point.
    files: TESTS,
    rules: { '@nx/enforce-module-boundaries': 'off' },
  },
);
