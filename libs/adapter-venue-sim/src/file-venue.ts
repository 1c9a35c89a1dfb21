import { closeSync, existsSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { IntegrityFault, OperationalError } from '@evenkeel/kernel';
import type { VenueRecord } from './records';
import { createSimulatedVenue } from './simulated-venue';
import type { SimulatedVenue } from './simulated-venue';
import type { SimulatedVenueConfig } from './venue-state';

/** A simulated venue whose memory outlives the process that uses it. */
export interface FileVenue extends SimulatedVenue {
  close(): void;
}

/**
 * Opens (or begins) a simulated venue kept in one file of JSON lines. Each record is written with one system call before it
 * takes effect, so a process killed at any moment finds its orders again; a torn last line (nothing came of it) is cut off.
 * Not synced to the disk: it outlives processes, not power cuts. One process at a time. Throws
 * `VENUE_SIM.STORE_UNREADABLE` for a damaged line, `VENUE_SIM.STORE_UNWRITABLE` where the file cannot be used.
 */
export function openFileVenue(path: string, config: SimulatedVenueConfig): FileVenue {
  const records = readRecords(path);
  const descriptor = openForAppend(path, records.bytes);
  const venue = createSimulatedVenue(config, (record) => append(descriptor, path, record));
  for (const record of records.records) venue.restore(record);
  return Object.assign(venue, { close: () => closeSync(descriptor) });
}

function readRecords(path: string): { records: VenueRecord[]; bytes: number } {
  if (!existsSync(path)) return { records: [], bytes: 0 };
  const content = readFileSync(path);
  const bytes = content.lastIndexOf(0x0a) + 1;
  const lines = content.subarray(0, bytes).toString('utf8').split('\n').slice(0, -1);
  const records = lines.map((line, index): VenueRecord => {
    try {
      return JSON.parse(line); // our own lines, written by `append`
    } catch (cause) {
      throw new IntegrityFault({
        code: 'VENUE_SIM.STORE_UNREADABLE',
        message: `${path}:${index + 1} is not a record`,
        cause,
      });
    }
  });
  return { records, bytes };
}

function openForAppend(path: string, bytes: number): number {
  try {
    mkdirSync(dirname(path), { recursive: true });
    const descriptor = openSync(path, 'a');
    ftruncateSync(descriptor, bytes);
    return descriptor;
  } catch (cause) {
    throw new OperationalError({
      code: 'VENUE_SIM.STORE_UNWRITABLE',
      message: `cannot write ${path}`,
      cause,
    });
  }
}

function append(descriptor: number, path: string, record: VenueRecord): void {
  const line = Buffer.from(`${JSON.stringify(record)}\n`);
  const written = writeSync(descriptor, line);
  if (written !== line.length) {
    throw new OperationalError({
      code: 'VENUE_SIM.STORE_UNWRITABLE',
      message: `${path}: only part of a record was written`,
    });
  }
}
