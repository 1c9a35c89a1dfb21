import { decodeCommit } from '@evenkeel/contracts';
import type { Authors, Quarantine } from '@evenkeel/engine';
import { IntegrityFault } from '@evenkeel/kernel';
import type { FindingList } from '@evenkeel/verification';
import type { ClientBase } from 'pg';
import { authorsIn } from '../ledger/ledger-authors';
import type { CommitLogRow } from '../ledger/read-log';

/** Judges the rows that count for nothing: the desk must have said so, and they must be what nobody can believe. */
export class QuarantineVerifier {
  private epoch: string | undefined;
  private authors: Authors | undefined;

  constructor(
    private readonly client: ClientBase,
    private readonly findings: FindingList,
  ) {}

  /** The quarantine of a row; undefined, with a finding, where there is none that could be. */
  async of(row: CommitLogRow): Promise<Quarantine | undefined> {
    const { epoch, seq } = row;
    if (epoch !== this.epoch) {
      this.epoch = epoch;
      this.authors = await authorsIn(this.client, epoch).catch((error: unknown) => {
        if (error instanceof IntegrityFault) return undefined;
        throw error;
      });
    }
    const quarantine = this.authors?.quarantines.of(seq, row.hash);
    const wrong =
      quarantine === undefined
        ? 'nobody has put its quarantine on record'
        : this.isBelievable(row)
          ? 'it can be read, and was said by whom it says'
          : undefined;
    if (wrong === undefined) return quarantine;
    const message = `Sequence ${seq}: the ledger passes this message over, but ${wrong}.`;
    this.findings.add({ epoch, seq, code: 'LEDGER.NOT_QUARANTINED', message });
    return undefined;
  }

  private isBelievable({ seq, bytes }: CommitLogRow): boolean {
    try {
      this.authors?.take({ seq, bytes, commit: decodeCommit(bytes) });
      return true;
    } catch (error) {
      if (error instanceof IntegrityFault) return false;
      throw error;
    }
  }
}
