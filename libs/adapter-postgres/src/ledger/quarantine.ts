import type { ClientBase } from 'pg';
import { sameBytes } from '@evenkeel/kernel';
import { LedgerFault } from './faults';
import type { JournalMessage } from './ledger-commit';
import { nativeSha256 } from './native-hash';

/** Keeps what was refused, and why; the same message for the same reason only once. */
export async function quarantine(
  client: ClientBase,
  fault: LedgerFault,
  message: JournalMessage,
): Promise<void> {
  const hash = nativeSha256(message.bytes);
  await client.query('SELECT ledger.keep_refused($1, $2, $3, $4, $5, $6, $7)', [
    fault.epoch,
    fault.seq,
    fault.code,
    hash,
    fault.message,
    message.subject,
    message.bytes,
  ]);
}

/** Messages that were taken over before must be the bytes that were taken over; quarantines and throws otherwise. */
export async function compareWithLog(
  client: ClientBase,
  epoch: string,
  messages: readonly JournalMessage[],
): Promise<void> {
  const result = await client.query<{ seq: number; hash: Buffer }>(
    `SELECT seq, hash FROM ledger.commit_log WHERE epoch = $1 AND seq = ANY($2)`,
    [epoch, messages.map((message) => message.seq)],
  );
  const hashes = new Map(result.rows.map((row) => [row.seq, row.hash]));
  for (const message of messages) {
    const known = hashes.get(message.seq);
    if (known !== undefined && sameBytes(known, nativeSha256(message.bytes))) continue;
    const why = 'the journal now holds other bytes than those the ledger took over';
    const fault = new LedgerFault('LEDGER.HASH_MISMATCH', epoch, message.seq, why);
    await quarantine(client, fault, message);
    throw fault;
  }
}

/** What the database refused, in our words. */
export function faultOf(
  epoch: string,
  message: JournalMessage,
  error: Error & { readonly constraint?: string },
): LedgerFault {
  // The index of a partition is named for the partition.
  if (error.constraint?.startsWith('commit_log_') === true && error.constraint.includes('_commit_id_')) {
    const why = 'its commit id stands at an earlier sequence already';
    return new LedgerFault('LEDGER.DUPLICATE_COMMIT', epoch, message.seq, why, error);
  }
  return new LedgerFault('LEDGER.UNPROJECTABLE', epoch, message.seq, error.message, error);
}
