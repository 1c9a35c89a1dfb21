import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire, wrap } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { Script, constants } from 'node:vm';

type Compiled = (
  exports: unknown,
  require: NodeJS.Require,
  module: { exports: unknown },
  file: string,
  folder: string,
) => void;

/** Packages of others, by name: one file for all programs. */
type Packages = Readonly<Record<string, (() => unknown) | undefined>>;

/** A program that ends sooner has compiled too little to be worth keeping. */
const LIVED_MS = 2_000;
/** Until then a service has started and taken its first inputs; later the engine drops what it needed for that. */
const KEPT_AFTER_MS = 10_000;
const DIGEST_BYTES = 32;

/**
 * Runs the bundle of a program. What the engine compiled of it is kept beside it by the first life that lasts and taken by the
 * next ones: they start in six tenths of the processor time.
 */
export function runBundle(file: string): unknown {
  const program = basename(file, '.bundle.js');
  const shared = join(__dirname, 'packages.js');
  const ofPackages = createRequire(shared);
  const scripts: KeptScript[] = [];
  const run = (path: string, require: NodeJS.Require, kept: string): unknown => {
    const script = new KeptScript(path, join(dirname(file), kept));
    scripts.push(script);
    const module = { exports: {} };
    script.compiled()(module.exports, require, module, path, dirname(path));
    return module.exports;
  };
  const own = createRequire(file);
  const packages = run(shared, ofPackages, `${program}.packages.code`) as Packages; // what tools/bundle.mjs makes
  const require = Object.assign((name: string) => packages[name]?.() ?? own(name), own);
  const keep = (): void => scripts.splice(0).forEach((script) => script.keep());
  setTimeout(keep, KEPT_AFTER_MS).unref();
  const since = performance.now();
  process.once('exit', () => {
    if (performance.now() - since > LIVED_MS) keep();
  });
  return run(file, require, `${program}.code`);
}

/** A script, and what the engine made of it in an earlier life. */
class KeptScript {
  private readonly script: Script;
  /** Names the very file that the code was made of: whoever changes it makes another. */
  private readonly seal: Buffer;
  private readonly isKept: boolean;

  constructor(
    path: string,
    private readonly keptAt: string,
  ) {
    const opened = openSync(path, 'r');
    const { size, mtimeMs, ctimeMs, ino } = fstatSync(opened);
    const name = `${size} ${mtimeMs} ${ctimeMs} ${ino} ${process.version} ${process.arch}`;
    this.seal = digest(Buffer.from(name));
    const cachedData = this.earlier();
    // Of a bundle only comments are not ASCII: read byte by byte, it is half as long in memory.
    const source = readFileSync(opened, 'latin1');
    closeSync(opened);
    this.script = new Script(wrap(source), {
      filename: path,
      ...(cachedData === undefined ? {} : { cachedData }),
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    this.isKept = cachedData !== undefined && this.script.cachedDataRejected !== true;
  }

  compiled(): Compiled {
    return this.script.runInThisContext() as Compiled; // the wrapper of every CommonJS module
  }

  /** What cannot be kept, for whatever reason, is compiled again the next time: no program ends for it. */
  keep(): void {
    if (this.isKept) return;
    const next = `${this.keptAt}.${process.pid}`;
    try {
      const code = this.script.createCachedData();
      writeFileSync(next, Buffer.concat([this.seal, digest(code), code]));
      // Others who run this checkout read it too, whatever the mask of whoever wrote it.
      chmodSync(next, 0o644);
      renameSync(next, this.keptAt);
    } catch {
      rmSync(next, { force: true });
    }
  }

  /** The engine takes damaged code for good, so it is held to its hash. */
  private earlier(): Buffer | undefined {
    let bytes: Buffer;
    try {
      bytes = readFileSync(this.keptAt);
    } catch {
      return undefined; // not there, or not ours to read: it starts without
    }
    const code = bytes.subarray(2 * DIGEST_BYTES);
    const isOfFile = this.seal.equals(bytes.subarray(0, DIGEST_BYTES));
    return isOfFile && digest(code).equals(bytes.subarray(DIGEST_BYTES, 2 * DIGEST_BYTES)) ? code : undefined;
  }
}

function digest(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}
