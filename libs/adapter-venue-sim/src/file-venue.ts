import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { IntegrityFault, OperationalError } from '@evenkeel/kernel';
import type { VenueRecord } from './records';
import { createSimulatedVenue } from './simulated-venue';
import type { RecordStore, SimulatedVenue } from './simulated-venue';
import type { SimulatedVenueConfig } from './venue-state';

/** A simulated venue whose memory outlives the process that uses it. */
export interface FileVenue extends SimulatedVenue {
  close(): void;
}

/**
 * Opens (or begins) a simulated venue kept in one file of JSON lines. Each record is appended with one system call and takes effect
 * when it is read back, so a process killed at any moment finds its orders again, and processes that have the same file open (a
 * partition that moves, two that both think they own it) see one exchange, with one order of what happened. A torn last line, of
 * which nothing came, is cut off. Not synced to the disk: it outlives processes, not power cuts. Throws
 * `VENUE_SIM.STORE_UNREADABLE` for a damaged line, `VENUE_SIM.STORE_UNWRITABLE` where the file cannot be used.
 */
export function openFileVenue(path: string, config: SimulatedVenueConfig): FileVenue {
  const store = new FileStore(path);
  const venue = createSimulatedVenue(config, store);
  return Object.assign(venue, { close: () => store.close() });
}

const NEWLINE = 0x0a;
const NONE: readonly VenueRecord[] = [];

class FileStore implements RecordStore {
  private readonly descriptor: number;
  /** What is folded of the file, in bytes and lines. */
  private read = 0;
  private lines = 0;

  constructor(private readonly path: string) {
    this.descriptor = openWhole(path);
  }

  append(record: VenueRecord): void {
    const line = Buffer.from(`${JSON.stringify(record)}\n`);
    const written = writeSync(this.descriptor, line);
    if (written === line.length) return;
    throw new OperationalError({
      code: 'VENUE_SIM.STORE_UNWRITABLE',
      message: `${this.path}: only part of a record was written`,
    });
  }

  news(): readonly VenueRecord[] {
    const { size } = fstatSync(this.descriptor);
    if (size <= this.read) return NONE;
    const fresh = Buffer.alloc(size - this.read);
    const got = readSync(this.descriptor, fresh, 0, fresh.length, this.read);
    const whole = fresh.subarray(0, fresh.subarray(0, got).lastIndexOf(NEWLINE) + 1);
    this.read += whole.length;
    return whole
      .toString('utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => this.parse(line));
  }

  close(): void {
    closeSync(this.descriptor);
  }

  private parse(line: string): VenueRecord {
    this.lines += 1;
    try {
      return JSON.parse(line); // our own lines, written by `append`
    } catch (cause) {
      throw new IntegrityFault({
        code: 'VENUE_SIM.STORE_UNREADABLE',
        message: `${this.path}:${this.lines} is not a record`,
        cause,
      });
    }
  }
}

/** Opens the file for appending, without the torn line of a process that was killed while it wrote. */
function openWhole(path: string): number {
  try {
    mkdirSync(dirname(path), { recursive: true });
    const content = existsSync(path) ? readFileSync(path) : Buffer.alloc(0);
    const descriptor = openSync(path, 'a+');
    if (content.length > 0 && content[content.length - 1] !== NEWLINE)
      ftruncateSync(descriptor, content.lastIndexOf(NEWLINE) + 1);
    return descriptor;
  } catch (cause) {
    throw new OperationalError({
      code: 'VENUE_SIM.STORE_UNWRITABLE',
      message: `cannot write ${path}`,
      cause,
    });
  }
}
