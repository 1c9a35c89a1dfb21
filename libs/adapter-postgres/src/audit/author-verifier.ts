import { AuthorFault } from '@evenkeel/engine';
import type { Authors } from '@evenkeel/engine';
import { toHex } from '@evenkeel/kernel';
import type { EpochAuthors, FindingList } from '@evenkeel/verification';
import type { ClientBase } from 'pg';
import { authorsIn } from '../ledger/ledger-authors';
import type { LedgerCommit } from '../ledger/ledger-commit';

/** Judges row by row who wrote what, epoch by epoch. */
export class AuthorVerifier {
  private readonly told: EpochAuthors[] = [];
  private epoch: string | undefined;
  /** Absent where the commit that opens the epoch cannot be judged: that is a finding already. */
  private authors: Authors | undefined;
  private commits = 0;

  constructor(
    private readonly client: ClientBase,
    private readonly findings: FindingList,
    /** Desk keys, hex, as an auditor has them from elsewhere; none: every epoch vouches for itself. */
    private readonly deskKeys: readonly string[],
  ) {}

  async push(commit: LedgerCommit): Promise<void> {
    const { epoch, seq } = commit;
    if (epoch !== this.epoch) await this.begin(epoch, seq);
    if (this.authors === undefined) return;
    try {
      this.authors.take(commit);
      this.commits += 1;
    } catch (error) {
      if (!(error instanceof AuthorFault)) throw error;
      this.findings.add({ epoch, seq, code: error.code, message: error.message });
    }
    const { deskKey } = this.authors;
    if (seq !== 1 || deskKey === undefined || this.deskKeys.length === 0) return;
    if (this.deskKeys.includes(toHex(deskKey))) return;
    const message = `commit 1: the epoch was opened under desk key ${toHex(deskKey)}, which is none of those given`;
    this.findings.add({ epoch, seq, code: 'AUTHORS.ENROLMENT_INVALID', message });
  }

  /** By epoch, in the order of the log. */
  finish(): readonly EpochAuthors[] {
    this.end();
    return this.told;
  }

  private async begin(epoch: string, seq: number): Promise<void> {
    this.end();
    this.epoch = epoch;
    this.commits = 0;
    this.authors = await authorsIn(this.client, epoch, undefined, seq).catch((error: unknown) => {
      if (error instanceof AuthorFault) return undefined;
      throw error;
    });
  }

  private end(): void {
    if (this.epoch === undefined) return;
    const { deskKey, replacedDeskKey: replaces } = this.authors ?? {};
    const signed = deskKey === undefined ? {} : { deskKey: toHex(deskKey) };
    const said = replaces === undefined ? {} : { replaces };
    this.told.push({ epoch: this.epoch, commits: this.commits, ...signed, ...said });
    this.epoch = undefined;
  }
}
