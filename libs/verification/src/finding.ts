import type { ReplacedKey, ReplayCount } from '@evenkeel/engine';

/** Something the record contradicts, at a sequence where one can be named. */
export interface LedgerFinding {
  readonly epoch: string;
  /** 0 where it concerns the epoch as a whole. */
  readonly seq: number;
  readonly code: string;
  readonly message: string;
  /** The file, tile or record it concerns, where it is not a row. */
  readonly where?: string;
}

/** Who stands behind the commits of an epoch. */
export interface EpochAuthors {
  readonly epoch: string;
  /** The desk's key, hex, under which the keys of its services were enrolled; absent: nobody signed. */
  readonly deskKey?: string;
  /** The desk key that it took the place of, and who said so, why. */
  readonly replaces?: ReplacedKey;
  /** Commits that were judged and passed. */
  readonly commits: number;
}

/** An epoch whose rows have left the ledger. */
export interface DetachedEpoch {
  readonly epoch: string;
  readonly commits: number;
  /** ISO 8601, by the database's clock. */
  readonly detachedAt: string;
}

export interface VerificationReport {
  /** `unreadable`: nothing contradicts, but something could not be judged (no database, bytes of an unknown version). */
  readonly status: 'clean' | 'divergent' | 'unreadable';
  /** Rows that were read, now or by the verification that this one goes on from. */
  readonly commits: number;
  /** Epochs of which nothing was verified, because their rows are not here. */
  readonly detached: readonly DetachedEpoch[];
  /** At most `FINDINGS_MAX`; `findingCount` counts all. */
  readonly findings: readonly LedgerFinding[];
  readonly findingCount: number;
  /** What the cores said again, and what of the record they could not be asked; empty when no re-execution was given. */
  readonly reexecuted: readonly ReplayCount[];
  readonly readModels: 'equal' | 'different' | 'not-compared';
  /** Signed or witnessed tree heads that the rows reproduced. */
  readonly headsAgreed: number;
  /** By epoch, in the order of the log. */
  readonly authors: readonly EpochAuthors[];
}

export const FINDINGS_MAX = 1_000;

/** Collects findings, all counted, the first thousand kept, in the order of the log. */
export class FindingList {
  private readonly kept: LedgerFinding[] = [];
  private total = 0;

  add(finding: LedgerFinding): void {
    this.total += 1;
    if (this.kept.length < FINDINGS_MAX) this.kept.push(finding);
  }

  get count(): number {
    return this.total;
  }

  get findings(): readonly LedgerFinding[] {
    return this.kept;
  }
}
