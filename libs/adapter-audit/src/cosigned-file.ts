import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { IntegrityFault, canonicalJson } from '@evenkeel/kernel';
import { z } from 'zod';
import { linesOf, writeDurably } from './durable-file';

/** A checkpoint as some witnesses cosigned it, which is later than it was signed and not so for every one. */
export interface CosignedCheckpoint {
  readonly size: number;
  /** Names, sorted. */
  readonly witnesses: readonly string[];
  readonly note: string;
}

const schema = z.strictObject({
  size: z.number().int().min(0),
  witnesses: z.array(z.string()).min(1),
  note: z.string(),
});

/** Cosigned checkpoints, one a line, appended and flushed. Only the newest is held in memory. */
export class CosignedFile {
  private newest: CosignedCheckpoint | undefined;

  constructor(
    private readonly path: string,
    /** A reader beside the writer takes a line that is being written for one that is not there yet. */
    use: 'write' | 'read' = 'write',
  ) {
    const { lines, torn } = linesOf(path);
    this.newest = lines.map((line, at) => parsed(line, path, at + 1)).at(-1);
    if (torn !== '' && use === 'write') writeDurably(path, lines.map((line) => `${line}\n`).join(''));
  }

  all(): readonly CosignedCheckpoint[] {
    return linesOf(this.path).lines.map((line, at) => parsed(line, this.path, at + 1));
  }

  last(): CosignedCheckpoint | undefined {
    return this.newest;
  }

  append(checkpoint: CosignedCheckpoint): void {
    const file = openSync(this.path, 'a', 0o600);
    try {
      writeSync(file, `${canonicalJson({ ...checkpoint, witnesses: [...checkpoint.witnesses] })}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    this.newest = checkpoint;
  }
}

function parsed(line: string, path: string, number: number): CosignedCheckpoint {
  try {
    return schema.parse(JSON.parse(line));
  } catch (cause) {
    throw new IntegrityFault({
      code: 'AUDIT.CHECKPOINT_FILE_DAMAGED',
      message: `Line ${number} of ${path} is not a cosigned checkpoint.`,
      cause,
    });
  }
}
