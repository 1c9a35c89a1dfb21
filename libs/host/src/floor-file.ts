import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeFolder } from '@evenkeel/config';
import type { FloorKeeper, JournalFloor } from '@evenkeel/adapter-nats';
import { IntegrityFault, assert, toHex } from '@evenkeel/kernel';
import { z } from 'zod';

/** Two lines of this size are written in turn: one that a power cut tears leaves the other. */
const LINE_BYTES = 512;
const RETRY_MS = 500;
/** What nobody waits for is written down so often. */
const QUIET_MS = 1_000;

const floorSchema = z.object({
  epoch: z.string(),
  seq: z.number().int().nonnegative(),
  hash: z.string(),
});
const lineSchema = floorSchema.extend({
  format: z.literal(1),
  turn: z.number().int().nonnegative(),
  /** What the journal of this epoch no longer reaches, and a person has accepted. */
  gap: floorSchema.optional(),
});
type Line = z.infer<typeof lineSchema>;

/** What an earlier life of the process knew. */
export interface FloorBefore extends JournalFloor {
  readonly gap?: JournalFloor | undefined;
}

/**
 * The newest commit of the journal that a process has appended or taken, in a small file of its own on another disk than the server's, if
 * there is one. The journal is one order for everybody, so one place says it for all partitions. A write is one sync of one line.
 */
export class FloorFile implements FloorKeeper {
  private current: Line;
  private securedSeq: number;
  private writing: Promise<void> | undefined;
  private file: FileHandle | undefined;
  private ticker: NodeJS.Timeout | undefined;

  private constructor(
    private readonly path: string,
    epoch: string,
    /** What an earlier life has left; undefined where it left nothing. */
    readonly before: FloorBefore | undefined,
    turn: number,
    private readonly onTrouble: (error: unknown) => void,
  ) {
    const same = before?.epoch === epoch ? before : undefined;
    const seq = same?.seq ?? 0;
    const gap = same?.gap === undefined ? {} : { gap: same.gap };
    this.current = { format: 1, turn, epoch, seq, hash: before?.hash ?? '', ...gap };
    this.securedSeq = seq;
  }

  /** Throws `HOST.FLOOR_UNREADABLE` for a file that holds something else: a floor that cannot be read is not taken for none. */
  static open(
    folder: string,
    process: string,
    epoch: string,
    onTrouble: (error: unknown) => void,
  ): FloorFile {
    const path = join(folder, `${process}.floor`);
    const newest = readFloorLine(path);
    return new FloorFile(path, epoch, newest, newest?.turn ?? 0, onTrouble);
  }

  note(seq: number, hash: Uint8Array): void {
    if (seq <= this.current.seq) return;
    this.current = { ...this.current, seq, hash: toHex(hash) };
    this.ticker ??= setTimeout(() => {
      this.ticker = undefined;
      void this.secure();
    }, QUIET_MS).unref();
  }

  /**
   * A person has accepted that the journal does not reach `lost`. Kept with the floor for the rest of the epoch: a process that dies
   * before each account was halted for it must know of it again.
   */
  accept({ epoch, seq, hash }: JournalFloor): void {
    this.current = { ...this.current, seq: 0, hash: '', gap: { epoch, seq, hash } };
    this.securedSeq = -1;
  }

  /** What is asked for while a write is under way goes out with the next one. Tried again for as long as the disk refuses. */
  async secure(): Promise<void> {
    const wanted = this.current.seq;
    while (this.securedSeq < wanted) {
      this.writing ??= this.write().finally(() => (this.writing = undefined));
      try {
        await this.writing;
      } catch (error) {
        this.onTrouble(error);
        await delay(RETRY_MS);
      }
    }
  }

  private async write(): Promise<void> {
    const line = { ...this.current, turn: this.current.turn + 1 };
    this.file ??= await this.openFile();
    await this.file.write(encode(line), 0, LINE_BYTES, (line.turn % 2) * LINE_BYTES);
    await this.file.datasync();
    // Only now: what failed is tried again on the same line, and the other one stays good.
    this.current = { ...this.current, turn: line.turn };
    this.securedSeq = line.seq;
  }

  private async openFile(): Promise<FileHandle> {
    const isNew = !existsSync(this.path);
    makeFolder(dirname(this.path));
    const file = await open(this.path, isNew ? 'w' : 'r+', 0o600);
    if (isNew) {
      const folder = await open(dirname(this.path), 'r');
      await folder.sync();
      await folder.close();
    }
    return file;
  }
}

/** The floor that a file holds; undefined where there is none. */
export function readFloorFile(path: string): JournalFloor | undefined {
  return readFloorLine(path);
}

function readFloorLine(path: string): Line | undefined {
  if (!existsSync(path)) return undefined;
  const bytes = readFileSync(path);
  // The process died before its first line was whole: it had noted nothing that anybody relied on.
  if (bytes.length === 0) return undefined;
  const lines = [0, 1].flatMap((turn) => decode(bytes.subarray(turn * LINE_BYTES, (turn + 1) * LINE_BYTES)));
  const newest = lines.sort((a, b) => b.turn - a.turn)[0];
  if (newest !== undefined) return newest;
  throw new IntegrityFault({
    code: 'HOST.FLOOR_UNREADABLE',
    message: `${path} holds no floor that can be read`,
  });
}

function encode(line: Line): Uint8Array {
  const text = JSON.stringify(line);
  const bytes = Buffer.from(`${`${text} ${digest(text)}`.padEnd(LINE_BYTES - 1)}\n`);
  assert(bytes.length === LINE_BYTES, 'a floor fits its line');
  return bytes;
}

function decode(bytes: Buffer): Line[] {
  const [text = '', sum = ''] = bytes.toString('latin1').trim().split(' ');
  if (digest(text) !== sum) return [];
  return [lineSchema.parse(JSON.parse(text))];
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
