import { createHash } from 'node:crypto';
import {
  existsSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { columnsOf, tapeOfColumns } from '@evenkeel/market';
import type { Tape } from '@evenkeel/market';
import { codeHashOf } from './code-hash';
import { makeFolder } from './folders';

const MAGIC = Buffer.from('EKTAPE01');
const HASH = 32;
/** Before the columns: the magic, the hash of what follows it, the key. */
const HEADER = MAGIC.length + 2 * HASH;
const SUFFIX = '.tape';
/** As many tapes, and as many bytes, as are kept: what was used longest ago goes first. */
const TAPES_MAX = 20;
const BYTES_MAX = 8 * 1024 ** 3;

/**
 * Tapes as columns, each in a file named after what it was read from: the bytes of its manifest and files, and the code that unpacked,
 * read and judged them. Every file carries its own hash, and one that is torn or another's is said and made anew: what comes from here is what
 * reading the files again would give.
 */
export class TapeCache {
  /** Known when the first tape is asked for: the files of all that reads one are hashed for it. */
  private code: string | undefined;
  private readonly read: (() => void)[] = [];

  /** `say` hears what a person should know of. */
  constructor(
    private readonly folder: string,
    private readonly say: (message: string) => void,
    private readonly tapesMax = TAPES_MAX,
  ) {}

  tape(parts: Iterable<readonly [string, Uint8Array]>, read: () => Tape): Tape {
    const key = this.keyOf(parts);
    const path = join(this.folder, `${key.toString('hex')}${SUFFIX}`);
    const known = this.columnsAt(path, key);
    if (known !== undefined) return tapeOfColumns(known, decode);
    // What is new goes the same way as what is known: there is one kind of tape.
    const columns = columnsOf(read());
    this.read.push(() => {
      this.keep(path, key, columns);
    });
    return tapeOfColumns(columns, decode);
  }

  /** Keeps what was read: called once the command that read it is known to be sound, so that a refused one leaves nothing behind. */
  keepRead(): void {
    for (const keep of this.read.splice(0)) keep();
  }

  private keyOf(parts: Iterable<readonly [string, Uint8Array]>): Buffer {
    this.code ??= codeHashOf('@evenkeel/config', __filename);
    const hash = createHash('sha256').update(this.code);
    for (const [name, bytes] of parts) {
      hash.update(`\0${name}\0${bytes.length}\0`);
      hash.update(bytes);
    }
    return hash.digest();
  }

  /** `undefined` where there are none, or none that may be trusted. */
  private columnsAt(path: string, key: Buffer): Uint8Array | undefined {
    let bytes: Buffer;
    try {
      bytes = readFileSync(path);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') this.say(`the cached tape ${path} cannot be read (${codeOf(error)})`);
      return undefined;
    }
    const amiss = problemOf(bytes, key);
    if (amiss !== undefined) {
      this.say(`the cached tape ${path} ${amiss}: its files are read again`);
      return undefined;
    }
    touch(path);
    const columns = bytes.subarray(HEADER);
    // A view of eight-byte cells begins at a multiple of eight; a large file is read into a buffer of its own, a small one is not.
    return columns.byteOffset % 8 === 0 ? columns : Uint8Array.from(columns);
  }

  /** Whole or not at all: another process, or thread, may read or write the same tape. */
  private keep(path: string, key: Buffer, columns: Uint8Array): void {
    const next = `${path}.${process.pid}.${threadId}`;
    try {
      makeFolder(this.folder, 0o700);
      const hash = createHash('sha256').update(key).update(columns).digest();
      writeFileSync(next, Buffer.concat([MAGIC, hash, key, columns]), { mode: 0o600 });
      renameSync(next, path);
      this.tidy();
    } catch (error) {
      // A full disk keeps nobody from his figures.
      this.say(`the tape is not kept in ${this.folder} (${codeOf(error)})`);
      if (existsSync(next)) rmSync(next, { force: true });
    }
  }

  private tidy(): void {
    const kept = readdirSync(this.folder)
      .filter((name) => name.endsWith(SUFFIX))
      .flatMap((name) => {
        const path = join(this.folder, name);
        const found = statSync(path, { throwIfNoEntry: false });
        return found === undefined ? [] : [{ path, size: found.size, used: found.mtimeMs }];
      })
      .sort((a, b) => b.used - a.used);
    let bytes = 0;
    for (const [index, { path, size }] of kept.entries()) {
      bytes += size;
      if (index > 0 && (index >= this.tapesMax || bytes > BYTES_MAX)) rmSync(path, { force: true });
    }
  }
}

/** Says that it was used, where that can be said: a folder may be read-only, and another process may have tidied. */
function touch(path: string): void {
  const now = new Date();
  try {
    utimesSync(path, now, now);
  } catch {
    // The tape that was read is whole: only its turn to go is as if it had not been used.
  }
}

const decode = (bytes: Uint8Array): string => new TextDecoder('utf-8', { fatal: true }).decode(bytes);

function problemOf(bytes: Buffer, key: Buffer): string | undefined {
  if (!bytes.subarray(0, MAGIC.length).equals(MAGIC)) return 'is no tape of ours';
  if (!bytes.subarray(MAGIC.length + HASH, HEADER).equals(key)) return 'is of other files';
  const hash = createHash('sha256')
    .update(bytes.subarray(MAGIC.length + HASH))
    .digest();
  return bytes.subarray(MAGIC.length, MAGIC.length + HASH).equals(hash) ? undefined : 'is not whole';
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error);
}
