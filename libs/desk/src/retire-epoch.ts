import { EvenkeelError, InvalidInputError } from '@evenkeel/kernel';
import type { ComparableLedger } from '@evenkeel/verification';

export interface RetiredEpoch {
  readonly epoch: string;
  readonly commits: number;
  readonly archivedSize: number;
  readonly witnessedSize: number;
}

/** The journal of one epoch on its server. */
export interface RetirableJournal {
  readonly lastSeq: number;
  /** Whether this epoch is the one that is open. */
  readonly open: boolean;
  messages(): AsyncIterable<{ readonly seq: number; readonly bytes: Uint8Array }>;
  remove(): Promise<void>;
}

/** What else keeps the epoch. */
export interface KeptElsewhere {
  /** Where the ledger's tree has the epoch: its first leaf and how many commits; `undefined` where it has none. */
  place(): Promise<{ readonly firstIndex: number; readonly commits: number } | undefined>;
  /** The largest tree that witnesses cosigned. */
  witnessedSize(): number;
  /** The archive, verified. `size` counts only when nothing is wrong with it. */
  archive(): Promise<{ readonly size: number; readonly problems: readonly string[] }>;
}

const NAMED_MAX = 5;

/**
 * Removes the journal of an epoch that is over, once nothing of it can be lost: the ledger holds the same bytes, the
 * archive verifies and reaches past it, and a witness cosigned a tree that holds it. Throws `AUDIT.RETIRE_REFUSED` with
 * every reason there is against it.
 */
export async function retireEpoch(
  epoch: string,
  journal: RetirableJournal | undefined,
  ledger: ComparableLedger,
  kept: KeptElsewhere,
): Promise<RetiredEpoch> {
  if (journal === undefined)
    throw new InvalidInputError('the command', [
      { path: 'epoch', message: `there is no journal of epoch ${epoch} on this server` },
    ]);
  const reasons: string[] = [];
  if (journal.open) reasons.push('it is the epoch that is open');
  const { firstIndex, commits } = (await kept.place()) ?? { firstIndex: 0, commits: 0 };
  if (commits < journal.lastSeq)
    reasons.push(`the ledger holds ${commits} of its ${journal.lastSeq} commits`);
  const differences = await ledger.compare(epoch, commits, journal.messages());
  for (const { message } of differences.slice(0, NAMED_MAX)) reasons.push(message);
  const end = firstIndex + journal.lastSeq;
  const witnessedSize = kept.witnessedSize();
  if (witnessedSize < end) reasons.push(`witnesses cosigned ${witnessedSize} commits; it ends at ${end}`);
  const { size: archivedSize, problems } = await kept.archive();
  reasons.push(...problems.slice(0, NAMED_MAX));
  if (archivedSize < end) reasons.push(`${archivedSize} commits are archived; it ends at ${end}`);
  if (reasons.length > 0) {
    throw new EvenkeelError({
      code: 'AUDIT.RETIRE_REFUSED',
      message: `Epoch ${epoch} stays: ${reasons.join('; ')}.`,
    });
  }
  await journal.remove();
  return { epoch, commits: journal.lastSeq, archivedSize, witnessedSize };
}
