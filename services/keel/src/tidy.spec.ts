import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY } from './stack/home';

const libraries = readdirSync(join(REPOSITORY, 'libs'));

function sources(dir: string, out: string[] = []): string[] {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    if (['node_modules', 'dist', 'generated', 'assembly'].includes(entry.name)) continue;
    const path = join(dir, entry.name);
    if (entry.isDirectory()) sources(path, out);
    else if (entry.name.endsWith('.ts') && !entry.name.endsWith('.spec.ts')) out.push(path);
  }
  return out;
}

describe('the lint guards', () => {
  const planted: readonly (readonly [string, string, string, RegExp])[] = [
    [
      'a clock in a core',
      'libs/risk/src',
      'export const now = (): number => Date.now();\n',
      /cores read no clock/,
    ],
    [
      'randomness in a core',
      'libs/hedging/src',
      'export const luck = (): number => Math.random();\n',
      /Randomness is an input/,
    ],
    [
      'a host’s exponential in a core',
      'libs/execution/src',
      'export const e = (x: number): number => Math.exp(x);\n',
      /pricing kernel’s own functions/,
    ],
    [
      'IO in a core',
      'libs/kernel/src',
      "import { readFileSync } from 'node:fs';\nexport const read = readFileSync;\n",
      /Cores do no IO/,
    ],
    [
      'a timer in a core',
      'libs/market/src',
      'export const later = (f: () => void): unknown => setTimeout(f, 1);\n',
      /no-restricted-globals/,
    ],
    [
      'a domain library importing an adapter',
      'libs/risk/src',
      "import { connectNats } from '@evenkeel/adapter-nats';\nexport const c = connectNats;\n",
      /enforce-module-boundaries/,
    ],
    [
      'a model importing the order core',
      'libs/hedging/src',
      "import { createOrderCore } from '@evenkeel/execution';\nexport const c = createOrderCore;\n",
      /enforce-module-boundaries/,
    ],
    [
      'the kernel importing anybody',
      'libs/kernel/src',
      "import { createRiskCore } from '@evenkeel/risk';\nexport const c = createRiskCore;\n",
      /enforce-module-boundaries/,
    ],
    [
      'a service importing a service',
      'services/risk/src',
      "import * as strategy from '@evenkeel/service-strategy';\nexport const s = strategy;\n",
      /enforce-module-boundaries/,
    ],
    [
      'a locale in a core',
      'libs/accounting/src',
      'export const text = (n: number): string => n.toLocaleString();\n',
      /Locales differ/,
    ],
    [
      'a power of the engine in a core',
      'libs/market/src',
      'export const power = (x: number, y: number): number => x ** y;\n',
      /pricing kernel’s pow/,
    ],
    [
      'a clock in the simulated exchange',
      'libs/adapter-venue-sim/src',
      'export const now = (): number => Date.now();\n',
      /cores read no clock/,
    ],
    [
      'the lab importing an adapter',
      'libs/lab/src',
      "import { connectNats } from '@evenkeel/adapter-nats';\nexport const c = connectNats;\n",
      /enforce-module-boundaries/,
    ],
    [
      'a use case importing an adapter',
      'libs/desk/src',
      "import { connectNats } from '@evenkeel/adapter-nats';\nexport const c = connectNats;\n",
      /enforce-module-boundaries/,
    ],
    [
      'a service importing the lab',
      'services/risk/src',
      "import { runInProcess } from '@evenkeel/lab';\nexport const r = runInProcess;\n",
      /enforce-module-boundaries/,
    ],
    [
      'the engine importing the lab',
      'libs/engine/src',
      "import { runInProcess } from '@evenkeel/lab';\nexport const r = runInProcess;\n",
      /enforce-module-boundaries/,
    ],
    ['export *', 'libs/facts/src', "export * from './market';\n", /Name what you export/],
  ];

  it('each fires on a planted violation', () => {
    const files = planted.map(([, folder, text], index) => {
      const dir = join(REPOSITORY, folder, `planted-${index}`);
      mkdirSync(dir, { recursive: true });
      const path = join(dir, 'violation.ts');
      writeFileSync(path, text);
      return { dir, path };
    });
    try {
      const result = spawnSync(
        join(REPOSITORY, 'node_modules', '.bin', 'eslint'),
        ['--format', 'json', ...files.map(({ path }) => path)],
        {
          cwd: REPOSITORY,
          encoding: 'utf8',
          env: { ...process.env, NX_DAEMON: 'false' },
        },
      );
      const reports = JSON.parse(result.stdout) as {
        filePath: string;
        messages: { ruleId: string; message: string }[];
      }[];
      for (const [index, [what, , , expected]] of planted.entries()) {
        const report = reports.find(({ filePath }) => filePath === files[index]?.path);
        const said = (report?.messages ?? []).map(({ ruleId, message }) => `${ruleId} ${message}`).join('\n');
        expect(`${what}: ${said}`).toMatch(expected);
      }
    } finally {
      for (const { dir } of files) rmSync(dir, { recursive: true, force: true });
    }
  }, 120_000);

  it('every project is tagged with a layer and a scope', () => {
    for (const kind of ['libs', 'services']) {
      for (const name of readdirSync(join(REPOSITORY, kind))) {
        const manifest = JSON.parse(readFileSync(join(REPOSITORY, kind, name, 'package.json'), 'utf8')) as {
          nx?: { tags?: string[] };
        };
        const tags = manifest.nx?.tags ?? [];
        expect([
          name,
          tags.some((tag) => tag.startsWith('layer:')),
          tags.some((tag) => tag.startsWith('scope:')),
        ]).toEqual([name, true, true]);
      }
    }
  });
});

describe('files', () => {
  const check = (root: string): ReturnType<typeof spawnSync> =>
    spawnSync(process.execPath, [join(REPOSITORY, 'tools', 'import-circles.mjs'), root], {
      encoding: 'utf8',
    });

  it('do not import one another in circles', () => {
    expect(check(REPOSITORY).stdout).toBe('');
  });

  it('are found when they do, by types alone too', () => {
    const root = mkdtempSync(join(tmpdir(), 'circle-'));
    try {
      mkdirSync(join(root, 'libs'));
      writeFileSync(join(root, 'libs', 'a.ts'), "import type { B } from './b';\nexport type A = B;\n");
      writeFileSync(join(root, 'libs', 'b.ts'), "export { c as b } from './c';\nexport type B = 1;\n");
      writeFileSync(join(root, 'libs', 'c.ts'), "export const c = (): unknown => import('./a');\n");
      const { status, stdout } = check(root);
      expect([status, stdout]).toEqual([1, expect.stringMatching(/libs\/a\.ts .*libs\/b\.ts .*libs\/c\.ts/)]);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
});

describe('error codes', () => {
  const code = /['"`]([A-Z][A-Z_]+\.[A-Z][A-Z_]+)['"`]/g;

  it('are documented with why and what to do', () => {
    const page = readFileSync(join(REPOSITORY, 'docs', 'errors.md'), 'utf8');
    const documented = new Set(page.match(/\b[A-Z][A-Z_]+\.[A-Z][A-Z_]+\b/g));
    const missing = new Set<string>();
    const folders = [
      ...libraries.map((name) => join(REPOSITORY, 'libs', name, 'src')),
      ...readdirSync(join(REPOSITORY, 'services')).map((name) => join(REPOSITORY, 'services', name, 'src')),
    ];
    for (const path of folders.flatMap((folder) => sources(folder))) {
      for (const [, found] of readFileSync(path, 'utf8').matchAll(code)) {
        if (found !== undefined && !documented.has(found)) missing.add(found);
      }
    }
    expect([...missing].sort()).toEqual([]);
  });
});

describe('cores', () => {
  it('compile where Node does not exist', () => {
    const result = spawnSync(join(REPOSITORY, 'node_modules', '.bin', 'tsc'), ['-p', 'tsconfig.pure.json'], {
      cwd: REPOSITORY,
      encoding: 'utf8',
    });
    expect(result.stdout).toBe('');
  }, 120_000);
});
