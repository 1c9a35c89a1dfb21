import {
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { makeFolder } from '@evenkeel/config';
import { InvalidInputError } from '@evenkeel/kernel';
import type { TapeOutput } from '@evenkeel/market';

/** Text of a file that waits to be packed. Each piece is a gzip member of its own; together they are one file. */
const PIECE_CHARACTERS = 256 * 1024;

interface OpenFile {
  readonly handle: number;
  waiting: string[];
  length: number;
}

/** A folder that is there whole or not at all: it is written beside its place, and moved there at the end. */
export class TapeFolder implements TapeOutput {
  private readonly unfinished: string;
  private readonly files = new Map<string, OpenFile>();

  constructor(private readonly folder: string) {
    const target = resolve(folder);
    if (existsSync(target) && readdirSync(target).length > 0)
      throw new InvalidInputError(folder, [
        {
          path: '--out',
          message: `${folder} is there already, and nothing is written over: name another folder`,
        },
      ]);
    this.unfinished = `${target}.unfinished-${process.pid}`;
    makeFolder(dirname(target));
    makeFolder(this.unfinished);
  }

  line(name: string, text: string): void {
    let file = this.files.get(name);
    if (file === undefined) {
      file = { handle: openSync(join(this.unfinished, name), 'w'), waiting: [], length: 0 };
      this.files.set(name, file);
    }
    file.waiting.push(text);
    file.length += text.length + 1;
    if (file.length >= PIECE_CHARACTERS) flush(file);
  }

  text(name: string, content: string): void {
    writeFileSync(join(this.unfinished, name), content);
  }

  /** Where a file lies until the folder is finished. */
  path(name: string): string {
    return join(this.unfinished, name);
  }

  /** Writes out what waits, without the files that turned out to be needless. */
  close(needless: readonly string[]): void {
    for (const file of this.files.values()) {
      flush(file);
      closeSync(file.handle);
    }
    this.files.clear();
    for (const name of needless) rmSync(join(this.unfinished, name));
  }

  finish(): void {
    const target = resolve(this.folder);
    rmSync(target, { recursive: true, force: true }); // an empty one
    renameSync(this.unfinished, target);
  }

  /** Leaves nothing behind. */
  giveUp(): void {
    for (const { handle } of this.files.values()) closeSync(handle);
    this.files.clear();
    rmSync(this.unfinished, { recursive: true, force: true });
  }
}

function flush(file: OpenFile): void {
  if (file.waiting.length === 0) return;
  writeSync(file.handle, gzipSync(`${file.waiting.join('\n')}\n`));
  file.waiting = [];
  file.length = 0;
}
