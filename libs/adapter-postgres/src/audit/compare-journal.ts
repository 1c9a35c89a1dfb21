import { sameBytes } from '@evenkeel/kernel';
import type { Pool } from 'pg';
import { nativeSha256 } from '../ledger/native-hash';
import type { LedgerFinding } from '@evenkeel/verification';

const PAGE = 1_000;

/**
 * Holds a journal against the ledger, message by message: the same sequences with the same bytes. Whatever the journal's
 * server lost, altered or invented is named by its sequence. `lastSeq`: what the ledger has taken over of this epoch.
 */
export async function compareJournal(
  pool: Pool,
  epoch: string,
  lastSeq: number,
  messages: AsyncIterable<{ readonly seq: number; readonly bytes: Uint8Array }>,
): Promise<readonly LedgerFinding[]> {
  const findings: LedgerFinding[] = [];
  const wrong = (seq: number, message: string): void =>
    void findings.push({
      epoch,
      seq,
      code: 'LEDGER.JOURNAL_DIFFERS',
      message: `Sequence ${seq}: ${message}.`,
    });
  let page = new Map<number, Buffer>();
  let loaded = 0;
  let next = 1;
  for await (const { seq, bytes } of messages) {
    for (; next < seq && next <= lastSeq; next += 1) wrong(next, 'the journal no longer has it');
    if (seq < next) wrong(seq, 'the journal gave it twice or out of order');
    next = Math.max(next, seq + 1);
    if (seq > lastSeq) continue;
    if (seq > loaded) {
      const rows = await pool.query<{ seq: number; hash: Buffer }>(
        'SELECT seq, hash FROM ledger.commit_log WHERE epoch = $1 AND seq >= $2 AND seq < $3',
        [epoch, seq, seq + PAGE],
      );
      page = new Map(rows.rows.map((row) => [row.seq, row.hash]));
      loaded = seq + PAGE - 1;
    }
    const known = page.get(seq);
    if (known === undefined) wrong(seq, 'the ledger does not have it');
    else if (!sameBytes(known, nativeSha256(bytes)))
      wrong(seq, 'the journal has other bytes than the ledger');
  }
  for (; next <= lastSeq; next += 1) wrong(next, 'the journal no longer has it');
  return findings;
}
