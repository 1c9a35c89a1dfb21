import type { Result } from '@evenkeel/kernel';

import { JsonScan, ROOT, ScanPool } from './json-scan';
import type { WireValue } from './wire-value';

const SCANS = new ScanPool(() => new JsonScan());

/**
 * Reads JSON so that no number changes: one that a double would not give back as it was written is a `NumberLexeme`. Failure
 * `VENUES.JSON_INVALID`; never throws for what it reads.
 */
export function parseExactJson(text: string): Result<WireValue> {
  return SCANS.read(text, (scan) => scan.value(ROOT));
}
