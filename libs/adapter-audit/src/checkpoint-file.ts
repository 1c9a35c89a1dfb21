import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs';
import type { CheckpointRecord } from '@evenkeel/audit';
import { nextCheckpointRecord } from '@evenkeel/audit';
import { IntegrityFault, canonicalJson } from '@evenkeel/kernel';
import { linesOf, writeDurably } from './durable-file';

/** Records that are held in memory; older ones are read from the file when somebody asks. */
const HELD_MAX = 1_024;

/** The kept history of checkpoints: one record a line, appended and flushed. Only its end is held in memory. */
export class CheckpointFile {
  private readonly held: CheckpointRecord[];
  private size: number;

  constructor(
    private readonly path: string,
    /** A reader beside the writer takes a line that is being written for one that is not there yet. */
    use: 'write' | 'read' = 'write',
  ) {
    const { lines, torn } = linesOf(path);
    this.size = lines.length;
    const records = lines.map((line, at) => parseRecord(line, path, at + 1));
    this.held = records.slice(-HELD_MAX);
    // A line that a crash cut short was never a record; everything before it is whole.
    if (torn !== '' && use === 'write') writeDurably(path, lines.map((line) => `${line}\n`).join(''));
  }

  /** How many there are. */
  get count(): number {
    return this.size;
  }

  /** How many of them are in memory. */
  get heldCount(): number {
    return this.held.length;
  }

  /** Those after the first `number`, oldest first. */
  records(number = 0): readonly CheckpointRecord[] {
    const inMemory = number - (this.size - this.held.length);
    if (inMemory >= 0) return this.held.slice(inMemory);
    const { lines } = linesOf(this.path);
    return lines.slice(number, this.size).map((line, at) => parseRecord(line, this.path, number + at + 1));
  }

  last(): CheckpointRecord | undefined {
    return this.held[this.held.length - 1];
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
    this.size += 1;
    this.held.push(record);
    if (this.held.length > HELD_MAX) this.held.shift();
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
