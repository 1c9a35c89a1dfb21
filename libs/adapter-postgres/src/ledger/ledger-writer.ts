import type { Authors } from '@evenkeel/engine';
import { aggregateKey } from '@evenkeel/eventing';
import type { AggregateRef } from '@evenkeel/facts';
import type { Pool, PoolClient } from 'pg';
import { EvenkeelError, assert } from '@evenkeel/kernel';
import type { EntriesOf } from '../read/projector';
import { ProjectionMemory } from '../read/projection-memory';
import { Projector } from '../read/projector';
import { RowBatch } from '../read/row-batch';
import { fillNewReadModels } from '../read/rebuild';
import { READ_VERSION } from '../read/tables';
import { writeRows } from '../read/write-rows';
import { ChainChecker } from './chain';
import { COPY_COMMIT_LOG, writeCommitRow } from './commit-log-copy';
import { BinaryCopy } from './copy-binary';
import { authorsIn, judgeAuthor } from './ledger-authors';
import { LedgerFault, checkpointMoved, ledgerUnavailable } from './faults';
import { advanceTree, growTree } from './ledger-tree';
import type { SignedRootAt } from './ledger-tree';
import { readMessage } from './ledger-commit';
import type { JournalMessage, LedgerCommit } from './ledger-commit';
import { compareWithLog, faultOf, quarantine } from './quarantine';
import { passedOver, writePassedRow } from './passed-over';
import type { FindQuarantine, PassedOver } from './passed-over';
import { aggregateOfSubject } from './subject';
import { WriterSession } from './writer-session';

export interface LedgerWriterOptions {
  readonly epoch: string;
  /** The desk's public key, under which an epoch must have been opened. */
  readonly deskKey?: Uint8Array;
  /** Double entries of an event; those of libs/accounting by default. */
  readonly entriesOf?: EntriesOf;
  /** How long to wait for a writer that is just ending, ms. Default 5000. */
  readonly lockWaitMs?: number;
  /** Roots that were signed: rows that would give others are refused. */
  readonly signedRootAt?: SignedRootAt;
  /** Messages that people have quarantined. */
  readonly quarantined?: FindQuarantine;
  /** More to be written in the same transaction as the rows. */
  readonly alongside?: (client: PoolClient, commits: readonly LedgerCommit[]) => Promise<void>;
}

export interface LedgerWriter {
  /** The sequence taken over last; 0 for an epoch never seen. The journal is read from the one after it. */
  checkpoint(): Promise<number>;
  /**
   * Takes over a stretch of the journal in one transaction: checks, `commit_log`, read models, checkpoint. All of it or
   * nothing. Messages at or below the checkpoint are skipped after their hash was compared. Calls must not overlap.
   *
   * Throws `LedgerFault` (codes `LEDGER.*`, with the sequence) when the journal contradicts itself: the offending
   * message is in `ledger.quarantine`, everything before it has been taken over, and this writer refuses all further
   * calls with the same error. Throws `LEDGER.UNAVAILABLE` when the database failed: ask `checkpoint` and go on.
   */
  append(batch: readonly JournalMessage[]): Promise<number>;
  /** What it holds in memory, for the metric; each has a maximum at which it is fetched anew. */
  kept(): Readonly<Record<string, number>>;
  /** What it stopped at was quarantined: the same message is tried again. */
  goOn(): void;
  close(): Promise<void>;
}

const CHUNK_BYTES = 64 * 1024;
const LOCK_WAIT_MS = 5_000;
const HEADS_MAX = 200_000;

/** One writer per database, held by an advisory lock; `LEDGER.ANOTHER_WRITER` on the first call when it is taken. */
export function createLedgerWriter(pool: Pool, options: LedgerWriterOptions): LedgerWriter {
  return new PostgresLedgerWriter(pool, options);
}

class PostgresLedgerWriter implements LedgerWriter {
  private readonly memory = new ProjectionMemory();
  private readonly projector: Projector;
  private session: WriterSession | undefined;
  private chain: ChainChecker | undefined;
  private authors: Authors | undefined;
  private stopped: LedgerFault | undefined;
  private busy = false;

  constructor(
    private readonly pool: Pool,
    private readonly options: LedgerWriterOptions,
  ) {
    this.projector = new Projector(this.memory, options.entriesOf);
  }

  checkpoint(): Promise<number> {
    return this.exclusively(async (session) => {
      this.chain = undefined;
      return (await this.chainOf(session)).seq;
    });
  }

  append(batch: readonly JournalMessage[]): Promise<number> {
    return this.exclusively(async (session) => {
      const chain = await this.chainOf(session);
      const fresh = batch.filter((message) => message.seq > chain.seq);
      if (fresh.length < batch.length)
        await compareWithLog(session.client, this.options.epoch, batch.slice(0, batch.length - fresh.length));
      if (fresh.length > 0) await this.take(session, fresh);
      return (await this.chainOf(session)).seq;
    });
  }

  kept(): Readonly<Record<string, number>> {
    return { heads: this.chain?.size ?? 0, ...this.memory.kept() };
  }

  goOn(): void {
    this.stopped = undefined;
  }

  async close(): Promise<void> {
    await this.session?.end();
    this.session = undefined;
  }

  /** What was learned in a transaction that did not come to its end counts for nothing. */
  private forget(): void {
    this.chain = undefined;
    this.authors = undefined;
    this.memory.clear();
  }

  /** Serialises calls, opens the session, and turns what the database says into our own words. */
  private async exclusively<T>(work: (session: WriterSession) => Promise<T>): Promise<T> {
    assert(!this.busy, 'calls of a ledger writer do not overlap');
    if (this.stopped !== undefined) throw this.stopped;
    this.busy = true;
    try {
      if (this.session === undefined) {
        this.session = await WriterSession.open(this.pool, this.options.lockWaitMs ?? LOCK_WAIT_MS);
        await growTree(this.session.client);
        const { entriesOf } = this.options;
        await fillNewReadModels(this.session.client, entriesOf === undefined ? {} : { entriesOf });
      }
      return await work(this.session);
    } catch (error) {
      this.forget();
      if (error instanceof LedgerFault) {
        this.stopped = error;
        throw error;
      }
      if (this.session?.usable === false || !(error instanceof EvenkeelError)) {
        await this.session?.end();
        this.session = undefined;
      }
      throw error instanceof EvenkeelError ? error : ledgerUnavailable(error);
    } finally {
      this.busy = false;
    }
  }

  private async chainOf(session: WriterSession): Promise<ChainChecker> {
    if (this.chain !== undefined && this.chain.size <= HEADS_MAX) return this.chain;
    const result = await session.client.query<{ seq: number }>(
      `SELECT seq FROM ledger.checkpoint WHERE epoch = $1`,
      [this.options.epoch],
    );
    this.chain = new ChainChecker(result.rows[0]?.seq ?? 0);
    return this.chain;
  }

  /** One transaction for the stretch. When something in it is wrong, message by message, so that the good part stays. */
  private async take(session: WriterSession, batch: readonly JournalMessage[]): Promise<void> {
    try {
      await session.transaction(() => this.write(session, batch));
    } catch (error) {
      if (!(error instanceof LedgerFault) && !isDataError(error)) throw error;
      this.forget();
      if (batch.length > 1) {
        for (const message of batch) await this.take(session, [message]);
        return;
      }
      const [message] = batch;
      assert(message !== undefined, 'a batch that failed has a message');
      const fault = error instanceof LedgerFault ? error : faultOf(this.options.epoch, message, error);
      await quarantine(session.client, fault, message);
      throw fault;
    }
  }

  private async write(session: WriterSession, batch: readonly JournalMessage[]): Promise<void> {
    const { client } = session;
    const { epoch, alongside, signedRootAt } = this.options;
    const chain = await this.chainOf(session);
    const from = chain.seq;
    const locked = await client.query<{ seq: number }>(`SELECT ledger.lock_checkpoint($1) AS seq`, [epoch]);
    const found = locked.rows[0]?.seq;
    if (found !== from) throw checkpointMoved(epoch, from, found);
    await this.learn(client, chain, batch);
    const rows = new RowBatch();
    const commits: LedgerCommit[] = [];
    const leaves: Uint8Array[] = [];
    const keep = (row: LedgerCommit | PassedOver): void => {
      leaves.push(row.leafHash);
      if (alongside !== undefined && !('quarantine' in row)) commits.push(row);
    };
    this.authors ??= await authorsIn(client, epoch, this.options.deskKey);
    await session.copy(COPY_COMMIT_LOG, this.rowsOf(batch, { chain, authors: this.authors }, rows, keep));
    await writeRows(client, READ_VERSION, rows);
    await advanceTree(client, epoch, from + 1, leaves, signedRootAt);
    await alongside?.(client, commits);
    await client.query(`SELECT ledger.advance_checkpoint($1, $2, $3)`, [epoch, from, chain.seq]);
  }

  /**
   * Decodes, checks, projects and encodes row by row, so that the server works on one chunk while we prepare the next,
   * and a decoded commit is garbage before the next one comes.
   */
  private *rowsOf(
    batch: readonly JournalMessage[],
    { chain, authors }: { readonly chain: ChainChecker; readonly authors: Authors },
    rows: RowBatch,
    keep: (row: LedgerCommit | PassedOver) => void,
  ): Iterable<Buffer> {
    const copy = new BinaryCopy();
    for (const message of batch) {
      const commit = this.readOrPass(message, authors);
      const problem = 'quarantine' in commit ? chain.pass(commit) : chain.check(commit)[0];
      if (problem !== undefined)
        throw new LedgerFault(problem.code, commit.epoch, commit.seq, problem.message);
      keep(commit);
      if ('quarantine' in commit) writePassedRow(copy, commit);
      else {
        this.projector.apply(commit, rows);
        writeCommitRow(copy, commit);
      }
      if (copy.pending >= CHUNK_BYTES) yield copy.take();
    }
    copy.end();
    yield copy.take();
  }

  /** A message that cannot be believed stops the ledger, unless people have quarantined it. */
  private readOrPass(message: JournalMessage, authors: Authors): LedgerCommit | PassedOver {
    try {
      const commit = readMessage(this.options.epoch, message);
      judgeAuthor(authors, commit);
      return commit;
    } catch (error) {
      const passed =
        error instanceof LedgerFault
          ? passedOver(this.options.epoch, message, this.options.quarantined)
          : undefined;
      if (passed === undefined) throw error;
      return passed;
    }
  }

  /** Fetches where the batch's aggregates stand and what projecting them needs, as far as it is not in memory. */
  private async learn(
    client: PoolClient,
    chain: ChainChecker,
    batch: readonly JournalMessage[],
  ): Promise<void> {
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

/** The data is at fault, not the connection: classes 22 (data exception) and 23 (integrity constraint violation). */
function isDataError(
  error: unknown,
): error is Error & { readonly code: string; readonly constraint?: string } {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && /^2[23]/.test(error.code)
  );
}
