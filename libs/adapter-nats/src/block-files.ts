import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { LedgerFinding } from '@evenkeel/verification';

/** A stream as its server counts it. */
export interface CountedStream {
  readonly epoch: string;
  readonly stream: string;
  readonly bytes: number;
}

/**
 * Holds the files of a journal against what its server counts in them. A journal is only ever appended to, so its block
 * files are as long as its messages; more or less is something the server passed over in silence. Only where the
 * server's folder can be read.
 */
export function blockFindings(storeDir: string, journal: CountedStream): readonly LedgerFinding[] {
  if (!existsSync(storeDir)) return [];
  const blocks = readdirSync(storeDir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.blk'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => path.split(/[\\/]/).includes(journal.stream))
    .sort();
  const length = blocks.reduce((sum, path) => sum + statSync(path).size, 0);
  if (length === journal.bytes) return [];
  const last = blocks[blocks.length - 1];
  const where = last === undefined ? `${journal.stream}/*.blk` : relative(storeDir, last);
  const message = `The block files of ${journal.stream} hold ${length} bytes; its server counts ${journal.bytes} in ${blocks.length} files.`;
  return [{ epoch: journal.epoch, seq: 0, code: 'LEDGER.JOURNAL_DIFFERS', where, message }];
}
