import type { Pool, PoolClient } from 'pg';
import { EvenkeelError, assert, sameBytes } from '@evenkeel/kernel';
import type { EntriesOf } from '../read/projector';
import { ProjectionMemory } from '../read/projection-memory';
import { Projector } from '../read/projector';
import { RowBatch } from '../read/row-batch';
import { READ_VERSION } from '../read/tables';
import { writeRows } from '../read/write-rows';
import { ChainChecker } from './chain';
import { COPY_COMMIT_LOG, writeCommitRow } from './commit-log-copy';
import { BinaryCopy } from './copy-binary';
import { LedgerFault, ledgerUnavailable } from './faults';
import { readMessage } from './ledger-commit';
import type { JournalMessage, LedgerCommit } from './ledger-commit';
import { nativeSha256 } from './native-hash';
import { aggregateOfSubject } from './subject';
import { WriterSession } from './writer-session';

export interface LedgerWriterOptions {
  readonly epoch: string;
  /** Double entries of an event; those of libs/accounting by default. */
  readonly entriesOf?: EntriesOf;
  /** How long to wait for a writer that is just ending, ms. Default 5000. */
  readonly lockWaitMs?: number;
  /** More to be written in the same transaction as the rows, e.g. tiles of the tree. */
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
        await this.compareOld(session, batch.slice(0, batch.length - fresh.length));
      if (fresh.length > 0) await this.take(session, fresh);
      return (await this.chainOf(session)).seq;
    });
  }

  async close(): Promise<void> {
    await this.session?.end();
    this.session = undefined;
  }

  /** Serialises calls, opens the session, and turns what the database says into our own words. */
  private async exclusively<T>(work: (session: WriterSession) => Promise<T>): Promise<T> {
    assert(!this.busy, 'calls of a ledger writer do not overlap');
    if (this.stopped !== undefined) throw this.stopped;
    this.busy = true;
    try {
      if (this.session === undefined)
        this.session = await WriterSession.open(this.pool, this.options.lockWaitMs ?? LOCK_WAIT_MS);
      return await work(this.session);
    } catch (error) {
      this.chain = undefined;
      this.memory.clear();
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
      this.chain = undefined;
      this.memory.clear();
      if (batch.length > 1) {
        for (const message of batch) await this.take(session, [message]);
        return;
      }
      const [message] = batch;
      assert(message !== undefined, 'a batch that failed has a message');
      const fault = error instanceof LedgerFault ? error : this.faultOf(message, error);
      await this.quarantine(session, fault, message);
      throw fault;
    }
  }

  private async write(session: WriterSession, batch: readonly JournalMessage[]): Promise<void> {
    const { client } = session;
    const { epoch } = this.options;
    const chain = await this.chainOf(session);
    const from = chain.seq;
    const locked = await client.query<{ seq: number }>(`SELECT ledger.lock_checkpoint($1) AS seq`, [epoch]);
    if (locked.rows[0]?.seq !== from)
      throw new Error(`the checkpoint moved from ${from} to ${locked.rows[0]?.seq} behind our back`);
    await this.learnHeads(client, chain, batch);
    const commits: LedgerCommit[] = [];
    await session.copy(COPY_COMMIT_LOG, this.rowsOf(batch, chain, commits));
    await this.memory.prepare(client, READ_VERSION, commits);
    const rows = new RowBatch();
    for (const commit of commits) this.projector.apply(commit, rows);
    await writeRows(client, READ_VERSION, rows);
    await this.options.alongside?.(client, commits);
    await client.query(`SELECT ledger.advance_checkpoint($1, $2, $3)`, [epoch, from, chain.seq]);
  }

  /** Decodes, checks and encodes row by row, so that the server works on one chunk while we prepare the next. */
  private *rowsOf(
    batch: readonly JournalMessage[],
    chain: ChainChecker,
    commits: LedgerCommit[],
  ): Iterable<Buffer> {
    const copy = new BinaryCopy();
    for (const message of batch) {
      const commit = readMessage(this.options.epoch, message);
      const problem = chain.check(commit)[0];
      if (problem !== undefined)
        throw new LedgerFault(problem.code, commit.epoch, commit.seq, problem.message);
      writeCommitRow(copy, commit);
      commits.push(commit);
      if (copy.pending >= CHUNK_BYTES) yield copy.take();
    }
    copy.end();
    yield copy.take();
  }

  /** Where the aggregates of the batch stand, for those not in memory: one query. */
  private async learnHeads(
    client: PoolClient,
    chain: ChainChecker,
    batch: readonly JournalMessage[],
  ): Promise<void> {
    const unknown = new Set(
      batch
        .map((message) => aggregateOfSubject(message.subject))
        .filter((aggregate) => !chain.knows(aggregate)),
    );
    if (unknown.size === 0) return;
    const result = await client.query<{ aggregate: string; version: number; hash: Buffer }>(
      `SELECT DISTINCT ON (aggregate) aggregate, version, hash FROM ledger.commit_log
        WHERE epoch = $1 AND aggregate = ANY($2) ORDER BY aggregate, version DESC`,
      [this.options.epoch, [...unknown]],
    );
    for (const aggregate of unknown) chain.learn(aggregate, undefined);
    for (const { aggregate, version, hash } of result.rows) chain.learn(aggregate, { version, hash });
  }

  private async compareOld(session: WriterSession, old: readonly JournalMessage[]): Promise<void> {
    const result = await session.client.query<{ seq: number; hash: Buffer }>(
      `SELECT seq, hash FROM ledger.commit_log WHERE epoch = $1 AND seq = ANY($2)`,
      [this.options.epoch, old.map((message) => message.seq)],
    );
    const hashes = new Map(result.rows.map((row) => [row.seq, row.hash]));
    for (const message of old) {
      const known = hashes.get(message.seq);
      if (known !== undefined && sameBytes(known, nativeSha256(message.bytes))) continue;
      const fault = new LedgerFault(
        'LEDGER.HASH_MISMATCH',
        this.options.epoch,
        message.seq,
        'the journal now holds other bytes than those the ledger took over',
      );
      await this.quarantine(session, fault, message);
      throw fault;
    }
  }

  private faultOf(message: JournalMessage, error: Error & { readonly constraint?: string }): LedgerFault {
    const { epoch } = this.options;
    if (error.constraint === 'commit_log_epoch_commit_id_key') {
      return new LedgerFault(
        'LEDGER.DUPLICATE_COMMIT',
        epoch,
        message.seq,
        'its commit id stands at an earlier sequence already',
        error,
      );
    }
    return new LedgerFault('LEDGER.UNPROJECTABLE', epoch, message.seq, error.message, error);
  }

  private async quarantine(
    session: WriterSession,
    fault: LedgerFault,
    message: JournalMessage,
  ): Promise<void> {
    await session.client.query(
      `INSERT INTO ledger.quarantine (epoch, seq, code, hash, message, subject, bytes)
       VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING`,
      [
        fault.epoch,
        fault.seq,
        fault.code,
        nativeSha256(message.bytes),
        fault.message,
        message.subject,
        message.bytes,
      ],
    );
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
