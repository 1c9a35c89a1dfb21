import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import type { CheckpointRecord } from '@evenkeel/audit';
import { nextCheckpointRecord } from '@evenkeel/audit';
import { IntegrityFault, canonicalJson } from '@evenkeel/kernel';
import { readIfPresent, writeDurably } from './durable-file';

/** The kept history of checkpoints: one record a line, appended and flushed. */
export class CheckpointFile {
  private kept: CheckpointRecord[];

  constructor(
    private readonly path: string,
    /** A reader beside the writer takes a line that is being written for one that is not there yet. */
    use: 'write' | 'read' = 'write',
  ) {
    const text = readIfPresent(path)?.toString('utf8') ?? '';
    const lines = text.split('\n');
    const torn = lines.pop() ?? '';
    this.kept = lines.map((line, at) => parseRecord(line, path, at + 1));
    // A line that a crash cut short was never a record; everything before it is whole.
    if (torn !== '' && use === 'write') writeDurably(path, lines.map((line) => `${line}\n`).join(''));
  }

  records(): readonly CheckpointRecord[] {
    return this.kept;
  }

  last(): CheckpointRecord | undefined {
    return this.kept[this.kept.length - 1];
  }

  /** Chains a checkpoint note to the history; returns once it would survive a crash. */
  append(note: string): CheckpointRecord {
    const record = nextCheckpointRecord(this.last(), note);
    const file = openSync(this.path, 'a', 0o600);
    try {
      writeSync(file, `${canonicalJson({ ...record })}\n`);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    this.kept.push(record);
    return record;
  }
}

function parseRecord(line: string, path: string, number: number): CheckpointRecord {
  try {
    const value: unknown = JSON.parse(line);
    if (
      typeof value === 'object' &&
      value !== null &&
      'number' in value &&
      'previous' in value &&
      'note' in value
    ) {
      const { number: n, previous, note } = value;
      if (typeof n === 'number' && typeof previous === 'string' && typeof note === 'string')
        return { number: n, previous, note };
    }
  } catch {
    // Not JSON: named below like any other line that is no record.
  }
  throw new IntegrityFault({
    code: 'AUDIT.CHECKPOINT_FILE_DAMAGED',
    message: `Line ${number} of ${path} is not a checkpoint record.`,
  });
}
