import { setImmediate as turn } from 'node:timers/promises';
import type { MerkleFrontier } from '@evenkeel/audit';
import type { Authors } from '@evenkeel/engine';
import { aggregateKey } from '@evenkeel/eventing';
import type { AggregateRef } from '@evenkeel/facts';
import type { ClientBase } from 'pg';
import { ProjectionMemory } from '../read/projection-memory';
import { Projector } from '../read/projector';
import type { EntriesOf } from '../read/projector';
import { RowBatch } from '../read/row-batch';
import { READ_VERSION } from '../read/tables';
import { rowStatements } from '../read/write-rows';
import { BinaryCopy } from '../wire/copy-binary';
import type { Statement } from '../wire/flight';
import { ChainChecker } from './chain';
import { copyCommitLog, writeCommitRow } from './commit-log-copy';
import { LedgerFault } from './faults';
import { authorsIn, judgeAuthor } from './ledger-authors';
import { readMessage } from './ledger-commit';
import type { JournalMessage, LedgerCommit } from './ledger-commit';
import { advanceTreeStatement, readFrontier, treeAfter } from './ledger-tree';
import type { SignedRootAt, TreeStanding } from './ledger-tree';
import { passedOver, writePassedRow } from './passed-over';
import type { FindQuarantine, PassedOver } from './passed-over';
import { aggregateOfSubject } from './subject';

export interface PreparerOptions {
  readonly epoch: string;
  readonly deskKey?: Uint8Array;
  readonly entriesOf?: EntriesOf;
  readonly signedRootAt?: SignedRootAt;
  readonly quarantined?: FindQuarantine;
}

/** A stretch of the journal that was judged, as the statements that write it. */
export interface PreparedBatch {
  readonly from: number;
  readonly to: number;
  /** The tree as it must stand before. */
  readonly treeBefore: TreeStanding;
  /** Rows, read models, tree, in this order. */
  readonly statements: readonly Statement[];
  /** Where they were asked for: decoded commits of a whole stretch outlive the young heap. */
  readonly commits: readonly LedgerCommit[];
}

/** Where the database is asked for what is not in memory. */
export type Queryable = Pick<ClientBase, 'query'>;

const CHUNK_BYTES = 96 * 1024;
const HEADS_MAX = 200_000;
/** Messages between two turns of the event loop: while a stretch is prepared, the one before it is being written. */
const MESSAGES_A_TURN = 64;

/**
 * Judges a journal stretch by stretch and makes the rows of it: chain, authors, tree, read models, double entry. It knows where the
 * journal stands after everything that was prepared, also while that is still being written; when something of it is not written
 * after all, it is thrown away with all it knows.
 */
export class BatchPreparer {
  private readonly memory = new ProjectionMemory();
  private readonly projector: Projector;

  private constructor(
    private readonly options: PreparerOptions,
    private readonly chain: ChainChecker,
    private readonly authors: Authors,
    private readonly frontier: MerkleFrontier,
  ) {
    this.projector = new Projector(this.memory, options.entriesOf);
  }

  /** Begins where the ledger stands. */
  static async open(client: Queryable, options: PreparerOptions): Promise<BatchPreparer> {
    const { epoch, deskKey } = options;
    const { rows } = await client.query<{ seq: number }>(
      `SELECT seq FROM ledger.checkpoint WHERE epoch = $1`,
      [epoch],
    );
    const chain = new ChainChecker(rows[0]?.seq ?? 0);
    return new BatchPreparer(
      options,
      chain,
      await authorsIn(client, epoch, deskKey),
      await readFrontier(client),
    );
  }

  /** The sequence prepared last. */
  get seq(): number {
    return this.chain.seq;
  }

  /** False when it keeps more than it may: then another one is opened when nothing is under way. */
  get isSmall(): boolean {
    return this.chain.size <= HEADS_MAX && this.memory.isSmall;
  }

  kept(): Readonly<Record<string, number>> {
    return { heads: this.chain.size, ...this.memory.kept() };
  }

  /** Throws a `LedgerFault` for what contradicts the journal; nothing that it knows counts any more then. */
  async prepare(
    client: Queryable,
    batch: readonly JournalMessage[],
    keepCommits: boolean,
  ): Promise<PreparedBatch> {
    const { chain, frontier, options } = this;
    const from = chain.seq;
    await this.learn(client, batch);
    const rows = new RowBatch();
    const log = new BinaryCopy();
    const chunks: Buffer[] = [];
    const leaves: Uint8Array[] = [];
    const commits: LedgerCommit[] = [];
    for (const [index, message] of batch.entries()) {
      if (index % MESSAGES_A_TURN === MESSAGES_A_TURN - 1) await turn();
      const row = this.readOrPass(message);
      this.judge(row);
      leaves.push(row.leafHash);
      if ('quarantine' in row) writePassedRow(log, row);
      else {
        if (keepCommits) commits.push(row);
        this.projector.apply(row, rows);
        writeCommitRow(log, row);
      }
      if (log.pending >= CHUNK_BYTES) chunks.push(log.take());
    }
    log.end();
    chunks.push(log.take());
    const tree = treeAfter(frontier, options.epoch, from + 1, leaves, options.signedRootAt);
    return {
      from,
      to: chain.seq,
      treeBefore: tree.before,
      statements: [
        { sql: copyCommitLog(options.epoch), rows: chunks },
        ...rowStatements(READ_VERSION, rows),
        advanceTreeStatement(options.epoch, from + 1, tree),
      ],
      commits,
    };
  }

  private judge(row: LedgerCommit | PassedOver): void {
    const problem = 'quarantine' in row ? this.chain.pass(row) : this.chain.check(row)[0];
    if (problem !== undefined) throw new LedgerFault(problem.code, row.epoch, row.seq, problem.message);
  }

  /** A message that cannot be believed stops the ledger, unless people have quarantined it. */
  private readOrPass(message: JournalMessage): LedgerCommit | PassedOver {
    const { epoch, quarantined } = this.options;
    try {
      const commit = readMessage(epoch, message);
      judgeAuthor(this.authors, commit);
      return commit;
    } catch (error) {
      const passed = error instanceof LedgerFault ? passedOver(epoch, message, quarantined) : undefined;
      if (passed === undefined) throw error;
      return passed;
    }
  }

  /** Fetches where the batch's aggregates stand and what projecting them needs, as far as it is not in memory. */
  private async learn(client: Queryable, batch: readonly JournalMessage[]): Promise<void> {
    const { chain } = this;
    const { epoch } = this.options;
    const aggregates = new Map<string, AggregateRef>();
    for (const { subject } of batch) {
      const aggregate = aggregateOfSubject(subject);
      aggregates.set(aggregateKey(aggregate), aggregate);
    }
    const unknown = [...aggregates.keys()].filter((key) => !chain.knows(key));
    if (unknown.length > 0) {
      const result = await client.query<{ aggregate: string; version: number; hash: Buffer }>(
        `SELECT DISTINCT ON (aggregate) aggregate, version, hash FROM ledger.commit_log
          WHERE epoch = $1 AND aggregate = ANY($2) ORDER BY aggregate, version DESC`,
        [epoch, unknown],
      );
      for (const key of unknown) chain.learn(key, undefined);
      for (const { aggregate, version, hash } of result.rows) chain.learn(aggregate, { version, hash });
    }
    const continued = [...aggregates].filter(([key]) => chain.versionOf(key) > 0).map(([, ref]) => ref);
    await this.memory.prepare(client, READ_VERSION, { epoch, seq: chain.seq + 1 }, continued);
  }
}
