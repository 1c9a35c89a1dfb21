import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { encodeLatchFile, latchFileName, latchOfFile } from '@evenkeel/execution';
import type { Engagement, FileLatch, KillScope } from '@evenkeel/execution';

/** A file of the kill folder and what it stops. */
export interface FoundLatch extends FileLatch {
  readonly name: string;
}

/** The folder of kill latches on a machine: what needs no server at all. It is read afresh each time, and never made. */
export class KillFolder {
  constructor(readonly path: string) {}

  /** Everything that lies there; the reason, in a word, where the folder itself cannot be read. */
  read(): readonly FoundLatch[] | string {
    let names: string[];
    try {
      names = readdirSync(this.path);
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? String(error); // what the file system throws
    }
    return names.map((name) => ({ name, ...latchOfFile(name, this.contentOf(name), this.stampOf(name)) }));
  }

  /**
   * Puts a latch there that outlives this process and the machine's power; whole at once where that can be done, so that who meets it
   * reads by whom and why. Throws where it cannot.
   */
  keep(scope: KillScope, engagement: Engagement): void {
    const path = join(this.path, latchFileName(scope, engagement.engagement));
    const text = encodeLatchFile(engagement);
    // Beside the folder: whatever lies in it stops somebody.
    const beside = join(dirname(this.path), `.${basename(this.path)}-${engagement.engagement}`);
    try {
      writeSynced(beside, text);
      renameSync(beside, path);
    } catch {
      // Another disk, or a place that is not ours: a stop that is told in two steps is better than none.
      rmSync(beside, { force: true });
      writeSynced(path, text);
    }
    const folder = openSync(this.path, 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  }

  /** Takes away a file whose engagement is over. */
  remove(name: string): void {
    rmSync(join(this.path, name), { force: true });
  }

  private contentOf(name: string): string | undefined {
    try {
      return readFileSync(join(this.path, name), 'utf8');
    } catch {
      return undefined; // it is there and cannot be read: that stops
    }
  }

  private stampOf(name: string): string {
    try {
      const { ino, mtimeMs, size } = statSync(join(this.path, name));
      return `${ino}|${mtimeMs}|${size}`;
    } catch {
      return '';
    }
  }
}

function writeSynced(path: string, text: string): void {
  const file = openSync(path, 'w', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
