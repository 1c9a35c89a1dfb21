import type { ClientBase, Pool } from 'pg';
import { EvenkeelError } from '@evenkeel/kernel';
import { LedgerFault } from '../ledger/faults';
import { ledgerCommitOf } from '../ledger/ledger-commit';
import type { LedgerCommit } from '../ledger/ledger-commit';
import { readCheckpoints, readLog } from '../ledger/read-log';
import type { EntriesOf } from '../read/projector';
import { createReadSchema, firstDifference, tableContents } from '../read/read-schema';
import { Replay } from '../read/replay';
import { READ_VERSION } from '../read/tables';
import { FindingList } from './finding';
import type { LedgerFinding, VerificationReport } from './finding';
import { LogVerifier } from './log-verifier';

/**
 * Runs the cores over the journal again and compares what they say with what is recorded. Gets the commits in order of
 * the log, only rows that passed their checks; returns every difference and how many decisions it judged.
 */
export type Reexecute = (
  commits: AsyncIterable<LedgerCommit>,
) => Promise<{ readonly decisions: number; readonly findings: readonly LedgerFinding[] }>;

export interface VerifyOptions {
  readonly reexecute?: Reexecute;
  readonly entriesOf?: EntriesOf;
  readonly onProgress?: (done: number, total: number) => void;
}

const FRESH = `${READ_VERSION}_verify`;

/**
 * Verifies a ledger against itself: sequence and version contiguity, hash chain, stored hashes against bytes, `decoded`
 * against bytes, the checkpoint, re-execution of every decision, and the read models against the log. Works on one
 * consistent view while a writer goes on, and leaves nothing behind. Never throws for what it finds.
 */
export async function verifyLedger(pool: Pool, options: VerifyOptions = {}): Promise<VerificationReport> {
  const findings = new FindingList();
  try {
    const client = await pool.connect();
    try {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
      return await new Verification(client, options, findings).run();
    } finally {
      // The tables for comparison were made in this transaction and go with it.
      const rolledBack = await client.query('ROLLBACK').then(
        () => true,
        () => false,
      );
      client.release(!rolledBack);
    }
  } catch (error) {
    const code = error instanceof EvenkeelError ? error.code : 'LEDGER.UNREADABLE';
    const message = `The ledger cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    findings.add({ epoch: '', seq: 0, code, message });
    return {
      status: findings.count > 1 ? 'divergent' : 'unreadable',
      commits: 0,
      findings: findings.findings,
      findingCount: findings.count,
      reexecuted: 0,
      readModels: 'not-compared',
    };
  }
}

class Verification {
  private commits = 0;
  private reexecuted = 0;
  private readModels: VerificationReport['readModels'] = 'not-compared';
  private projectable = true;
  /** Rows that did not pass: neither projected nor executed again. */
  private readonly rejected = new Set<string>();

  constructor(
    private readonly client: ClientBase,
    private readonly options: VerifyOptions,
    private readonly findings: FindingList,
  ) {}

  async run(): Promise<VerificationReport> {
    const checkpoints = await readCheckpoints(this.client);
    const total = checkpoints.reduce((sum, { seq }) => sum + seq, 0);
    const log = new LogVerifier(this.findings);
    await createReadSchema(this.client, FRESH);
    const replay = new Replay(this.client, FRESH, this.options.entriesOf);
    const ends = new Map<string, number>();
    for await (const row of readLog(this.client, { withDecoded: true })) {
      this.commits += 1;
      if (this.commits % 1_000 === 0) this.options.onProgress?.(this.commits, total);
      const commit = log.push(row);
      ends.set(row.epoch, row.seq);
      if (commit === undefined || commit.epoch !== row.epoch) this.rejected.add(`${row.epoch}/${row.seq}`);
      else await this.project(replay, ledgerCommitOf(row.epoch, row.seq, row.bytes));
    }
    this.checkEnds(ends, new Map(checkpoints.map(({ epoch, seq }) => [epoch, seq])));
    await this.compareReadModels(replay);
    await this.reexecute();
    this.options.onProgress?.(this.commits, total);
    const status =
      this.findings.count > log.unreadableRows
        ? 'divergent'
        : this.findings.count > 0
          ? 'unreadable'
          : 'clean';
    return {
      status,
      commits: this.commits,
      findings: this.findings.findings,
      findingCount: this.findings.count,
      reexecuted: this.reexecuted,
      readModels: this.readModels,
    };
  }

  private async project(replay: Replay, commit: LedgerCommit): Promise<void> {
    if (!this.projectable) return;
    try {
      await replay.add(commit);
    } catch (error) {
      this.notProjectable(error, commit);
    }
  }

  private notProjectable(error: unknown, commit?: LedgerCommit): void {
    this.projectable = false;
    if (!(error instanceof LedgerFault)) throw error;
    this.findings.add({
      epoch: error.epoch,
      seq: commit?.seq ?? error.seq,
      code: error.code,
      message: error.message,
    });
  }

  /** Rows and checkpoint move in one transaction: where they differ, rows were cut off or put on. */
  private checkEnds(ends: ReadonlyMap<string, number>, checkpoints: ReadonlyMap<string, number>): void {
    for (const epoch of new Set([...ends.keys(), ...checkpoints.keys()])) {
      const end = ends.get(epoch) ?? 0;
      const checkpoint = checkpoints.get(epoch) ?? 0;
      if (end === checkpoint) continue;
      const [first, last] = end < checkpoint ? [end + 1, checkpoint] : [checkpoint + 1, end];
      const message =
        end < checkpoint
          ? `Sequences ${first} to ${last} are missing at the end: the checkpoint says ${checkpoint}.`
          : `Sequences ${first} to ${last} lie beyond the checkpoint, which says ${checkpoint}.`;
      const code = end < checkpoint ? 'LEDGER.ROWS_MISSING' : 'LEDGER.ROWS_BEYOND_CHECKPOINT';
      this.findings.add({ epoch, seq: first, code, message });
    }
  }

  private async compareReadModels(replay: Replay): Promise<void> {
    if (this.projectable) await replay.flush().catch((error: unknown) => this.notProjectable(error));
    // With rows left out the comparison would only repeat what is known already.
    if (!this.projectable || this.rejected.size > 0) return;
    const stored = new Map(
      (await tableContents(this.client, READ_VERSION)).map((content) => [content.table, content]),
    );
    this.readModels = 'equal';
    for (const { table, hash, rows } of await tableContents(this.client, FRESH)) {
      const known = stored.get(table);
      if (known?.hash === hash) continue;
      this.readModels = 'different';
      const where = await firstDifference(this.client, READ_VERSION, FRESH, table);
      const message = `${READ_VERSION}.${table} is not what the log gives (${known?.rows ?? 0} rows, ${rows} expected); the first difference stems from sequence ${where?.seq ?? 'unknown'}. \`keel ledger rebuild\` restores it.`;
      this.findings.add({
        epoch: where?.epoch ?? '',
        seq: where?.seq ?? 0,
        code: 'LEDGER.PROJECTION_DIFFERS',
        message,
      });
    }
  }

  private async reexecute(): Promise<void> {
    if (this.options.reexecute === undefined) return;
    const result = await this.options.reexecute(this.trusted());
    this.reexecuted = result.decisions;
    for (const finding of result.findings) this.findings.add(finding);
  }

  private async *trusted(): AsyncIterable<LedgerCommit> {
    for await (const row of readLog(this.client)) {
      if (!this.rejected.has(`${row.epoch}/${row.seq}`)) yield ledgerCommitOf(row.epoch, row.seq, row.bytes);
    }
  }
}
