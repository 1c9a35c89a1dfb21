import {
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  openSync,
  readFileSync,
  readdirSync,
  writeSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { makeFolder } from '@evenkeel/config';
import { EvenkeelError, IntegrityFault, OperationalError } from '@evenkeel/kernel';

/**
 * A store that keeps what it was given: an object store with object lock, or a folder. Names are paths with `/`.
 * `put` refuses a name that is taken, whatever the bytes, with `AUDIT.ARCHIVE_EXISTS`; nothing is ever replaced.
 */
export interface ArchiveStore {
  readonly place: string;
  put(name: string, bytes: Uint8Array): Promise<void>;
  /** `undefined` where there is none. Throws `AUDIT.ARCHIVE_DAMAGED` for what is no ordinary file, or larger than `maxBytes`. */
  get(name: string, maxBytes: number): Promise<Uint8Array | undefined>;
  /** Names that begin so, in order. */
  list(prefix: string): Promise<readonly string[]>;
}

/** An archive in a folder. Files are made exclusively, flushed, and readable only; their owner could still remove them. */
export class ArchiveFolder implements ArchiveStore {
  constructor(readonly place: string) {}

  /** Async, so that a refusal is a rejection. */
  async put(name: string, bytes: Uint8Array): Promise<void> {
    const path = join(this.place, name);
    makeFolder(dirname(path));
    const file = this.create(path, name);
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    const folder = openSync(dirname(path), 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
    await Promise.resolve();
  }

  private create(path: string, name: string): number {
    try {
      return openSync(path, 'wx', 0o444);
    } catch (cause) {
      const taken = typeof cause === 'object' && cause !== null && 'code' in cause && cause.code === 'EEXIST';
      if (!taken)
        throw new OperationalError({ code: 'AUDIT.ARCHIVE_UNWRITABLE', message: String(cause), cause });
      throw new EvenkeelError({
        code: 'AUDIT.ARCHIVE_EXISTS',
        message: `${name} is archived already; an archive never replaces what it holds.`,
      });
    }
  }

  /** Async, so that a refusal is a rejection. */
  async get(name: string, maxBytes: number): Promise<Uint8Array | undefined> {
    const path = join(this.place, name);
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined) return undefined;
    if (!found.isFile() || found.size > maxBytes)
      throw new IntegrityFault({
        code: 'AUDIT.ARCHIVE_DAMAGED',
        message: found.isFile() ? `${name} has more than ${maxBytes} bytes.` : `${name} is no ordinary file.`,
        path: name,
      });
    return Promise.resolve(readFileSync(path));
  }

  list(prefix: string): Promise<readonly string[]> {
    if (!existsSync(this.place)) return Promise.resolve([]);
    const names = readdirSync(this.place, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(this.place, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
      .filter((name) => name.startsWith(prefix));
    return Promise.resolve(names.sort());
  }
}
