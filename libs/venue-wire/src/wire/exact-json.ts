import { failure, success, type Result } from '@evenkeel/kernel';

import { JsonScan, NotJson, ROOT } from './json-scan';
import type { WireValue } from './wire-value';

/**
 * Reads JSON so that no number changes: one that a double would not give back as it was written is a `NumberLexeme`. Failure
 * `VENUES.JSON_INVALID`; never throws for what it reads.
 */
export function parseExactJson(text: string): Result<WireValue> {
  return scanned(text, (scan) => scan.value(ROOT));
}

/** Scans are used in turn: one that reads while another is read gets its own. */
const idle: JsonScan[] = [];

/** What `read` makes of a scan of the text; the scan is good until it returns. */
export function scanned<T>(text: string, read: (scan: JsonScan) => T): Result<T> {
  const scan = idle.pop() ?? new JsonScan();
  try {
    scan.read(text);
    return success(read(scan));
  } catch (error) {
    if (error instanceof NotJson) return failure('VENUES.JSON_INVALID', error.message);
    throw error;
  } finally {
    scan.release();
    idle.push(scan);
  }
}
