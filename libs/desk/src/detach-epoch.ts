import { EvenkeelError, InvalidInputError } from '@evenkeel/kernel';

export interface DetachedRows {
  readonly epoch: string;
  readonly commits: number;
  /** The table of the ledger's schema that holds the rows by themselves. */
  readonly table: string;
  readonly dropped: boolean;
}

/** Where the ledger has an epoch. */
export interface EpochToDetach {
  /** Size of the tree after its last commit. */
  readonly end: number;
  readonly commits: number;
  readonly isDetached: boolean;
  /** Nothing has followed it yet. */
  readonly isLast: boolean;
  /** Epochs before it that are still there. */
  readonly older: readonly string[];
}

export interface DetachableLedger {
  find(epoch: string): Promise<EpochToDetach | undefined>;
  /** Root of the tree over the first `size` commits, hex. */
  rootAt(size: number): Promise<string>;
  /** Takes the rows of an epoch, which ends at `size`, out of the log, and drops them if told; the name of their table. */
  detach(epoch: string, size: number, drop: boolean): Promise<string>;
}

/** What keeps the epoch from then on. */
export interface KeptInArchive {
  /** Whether its journal is still on the server. */
  hasJournal(): Promise<boolean>;
  /** The archive, verified: the root of its first `size` commits, hex, where it holds so many and nothing is wrong with it. */
  rootAt(size: number): Promise<{ readonly root?: string; readonly problems: readonly string[] }>;
}

const NAMED_MAX = 5;

/**
 * Takes the rows of an epoch that is over out of the ledger, once an archive that verifies holds the very same commits.
 * The oldest goes first. Throws `LEDGER.DETACH_REFUSED` with every reason there is against it.
 */
export async function detachEpoch(
  epoch: string,
  ledger: DetachableLedger,
  kept: KeptInArchive,
  drop: boolean,
): Promise<DetachedRows> {
  const found = await ledger.find(epoch);
  if (found === undefined || found.isDetached) {
    const message =
      found === undefined ? `the ledger has no epoch ${epoch}` : `epoch ${epoch} was detached before`;
    throw new InvalidInputError('the command', [{ path: 'epoch', message }]);
  }
  const reasons: string[] = [];
  if (found.isLast) reasons.push('no other epoch has followed it');
  if (found.older.length > 0) reasons.push(`epochs before it are still there: ${found.older.join(', ')}`);
  if (await kept.hasJournal())
    reasons.push('its journal is still on the server (`keel epoch retire` removes it)');
  const { root, problems } = await kept.rootAt(found.end);
  reasons.push(...problems.slice(0, NAMED_MAX));
  if (root === undefined) reasons.push(`no archive that verifies holds all of its commits (${found.end})`);
  else if (found.older.length === 0 && root !== (await ledger.rootAt(found.end)))
    reasons.push('the archive holds other commits than the ledger');
  if (reasons.length > 0) {
    throw new EvenkeelError({
      code: 'LEDGER.DETACH_REFUSED',
      message: `Epoch ${epoch} stays: ${reasons.join('; ')}.`,
    });
  }
  const table = await ledger.detach(epoch, found.end, drop);
  return { epoch, commits: found.commits, table, dropped: drop };
}
