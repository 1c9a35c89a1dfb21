import type {
  AuditedCommit,
  ComparableLedger,
  DetachedEpoch,
  LedgerFinding,
  VerifiableLedger,
  VerificationReport,
  VerifyRequest,
} from '@evenkeel/verification';
import type { Pool } from 'pg';
import { readDetachedEpochs } from '../ledger/detached-epochs';
import { readTree, readTreeEpochs } from '../ledger/ledger-tree';
import { ledgerCommitsBetween } from '../ledger/read-log';
import { readCosignedCheckpoints, readSignedCheckpoints } from './checkpoint-table';
import { compareJournal } from './compare-journal';
import { verifyLedger } from './verify-ledger';

/** The ledger in Postgres, as verifiers ask for it. */
export class LedgerToVerify implements VerifiableLedger, ComparableLedger {
  constructor(private readonly pool: Pool) {}

  verify(request: VerifyRequest): Promise<VerificationReport> {
    return verifyLedger(this.pool, request);
  }

  commitsBetween(epoch: string, first: number, last: number): AsyncIterable<AuditedCommit> {
    return ledgerCommitsBetween(this.pool, epoch, first, last);
  }

  async size(): Promise<number> {
    return (await readTree(this.pool)).size;
  }

  detached(): Promise<readonly DetachedEpoch[]> {
    return readDetachedEpochs(this.pool);
  }

  async bookOf(epoch: string, seq: number): Promise<string | undefined> {
    const { rows } = await this.pool.query<{ book: string | null }>(
      `SELECT decoded->>'book' AS book FROM ledger.commit_log WHERE epoch = $1 AND seq = $2`,
      [epoch, seq],
    );
    const book = rows[0]?.book;
    return book === null || book === '' ? undefined : book;
  }

  async takenOver(): Promise<ReadonlyMap<string, number>> {
    return new Map((await readTreeEpochs(this.pool)).map(({ epoch, commits }) => [epoch, commits]));
  }

  compare(
    epoch: string,
    takenOver: number,
    messages: AsyncIterable<{ readonly seq: number; readonly bytes: Uint8Array }>,
  ): Promise<readonly LedgerFinding[]> {
    return compareJournal(this.pool, epoch, takenOver, messages);
  }

  /** The copies of signed and cosigned checkpoints that the database keeps. */
  readonly checkpoints = {
    signed: () => readSignedCheckpoints(this.pool),
    cosigned: () => readCosignedCheckpoints(this.pool),
  };
}
