import { EvenkeelError, assert, required } from '@evenkeel/kernel';
import type { Pool, PoolClient } from 'pg';
import { fillNewReadModels } from '../read/rebuild';
import { flight } from '../wire/flight';
import type { FlightRows } from '../wire/flight';
import { BatchPreparer } from './batch-preparer';
import type { PreparedBatch, PreparerOptions } from './batch-preparer';
import { LedgerFault, checkpointMoved, ledgerUnavailable } from './faults';
import { assertTree, growTree } from './ledger-tree';
import type { JournalMessage, LedgerCommit } from './ledger-commit';
import { compareWithLog, faultOf, quarantine } from './quarantine';
import { WriterSession } from './writer-session';

export interface LedgerWriterOptions extends PreparerOptions {
  /** How long to wait for a writer that is just ending, ms. Default 5000. */
  readonly lockWaitMs?: number;
  /** More to be written in the same transaction as the rows. */
  readonly alongside?: (client: PoolClient, commits: readonly LedgerCommit[]) => Promise<void>;
}

export interface LedgerWriter {
  /** The sequence taken over last; 0 for an epoch never seen. The journal is read from the one after it. */
  checkpoint(): Promise<number>;
  /**
   * Takes over a stretch of the journal in one transaction: checks, `commit_log`, read models, checkpoint. All of it or
   * nothing. Messages at or below the checkpoint are skipped after their hash was compared. A second call may come while the
   * first is under way: its stretch is prepared while that one is written, and fails with it.
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

const LOCK_WAIT_MS = 5_000;
const UNDER_WAY_MAX = 2;

/** One writer per database, held by an advisory lock; `LEDGER.ANOTHER_WRITER` on the first call when it is taken. */
export function createLedgerWriter(pool: Pool, options: LedgerWriterOptions): LedgerWriter {
  return new PostgresLedgerWriter(pool, options);
}

/** A stretch that was prepared before its turn, or what went wrong with it. */
type Ahead =
  { readonly preparer: BatchPreparer; readonly prepared: PreparedBatch } | { readonly error: unknown };

class PostgresLedgerWriter implements LedgerWriter {
  private session: WriterSession | undefined;
  private preparer: BatchPreparer | undefined;
  private stopped: LedgerFault | undefined;
  private busy = false;
  /** The last call failed: what follows on it comes too early. */
  private failed = false;
  private underWay = 0;
  /** The call before, and its stretch while it is being prepared. */
  private written: Promise<unknown> = Promise.resolve();
  private preparing: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly pool: Pool,
    private readonly options: LedgerWriterOptions,
  ) {}

  checkpoint(): Promise<number> {
    return this.exclusively(async (session) => {
      this.preparer = undefined;
      return (await this.preparerOf(session)).seq;
    });
  }

  append(batch: readonly JournalMessage[]): Promise<number> {
    assert(
      this.underWay < UNDER_WAY_MAX,
      'a ledger writer takes the next stretch while it writes one, and no more',
    );
    this.underWay += 1;
    const before = this.underWay === 1 ? undefined : this.written;
    const appended = this.appendAfter(before, batch).finally(() => (this.underWay -= 1));
    this.written = appended;
    appended.catch(() => undefined); // whoever called hears of it
    return appended;
  }

  private async appendAfter(
    before: Promise<unknown> | undefined,
    batch: readonly JournalMessage[],
  ): Promise<number> {
    if (before === undefined) return this.exclusively((session) => this.appendNow(session, batch, undefined));
    const ahead = this.preparing.then(() => this.prepareAhead(batch));
    this.preparing = ahead.catch(() => undefined);
    try {
      await before;
    } finally {
      // Until it is over it knows what may not come true.
      await this.preparing;
    }
    const made = await ahead;
    return this.exclusively((session) => this.appendNow(session, batch, made));
  }

  /** Only what follows on what is under way, and can be judged by what is in memory; the rest waits for its turn. */
  private async prepareAhead(batch: readonly JournalMessage[]): Promise<Ahead | undefined> {
    const { preparer } = this;
    if (preparer?.isSmall !== true || batch[0]?.seq !== preparer.seq + 1) return undefined;
    try {
      return {
        preparer,
        prepared: await preparer.prepare(this.pool, batch, this.options.alongside !== undefined),
      };
    } catch (error) {
      return { error };
    }
  }

  private async appendNow(
    session: WriterSession,
    batch: readonly JournalMessage[],
    ahead: Ahead | undefined,
  ): Promise<number> {
    if (ahead !== undefined && ('error' in ahead || ahead.preparer === this.preparer))
      return this.take(session, batch, ahead);
    const { seq } = await this.preparerOf(session);
    const fresh = batch.filter((message) => message.seq > seq);
    if (fresh.length < batch.length)
      await compareWithLog(session.client, this.options.epoch, batch.slice(0, batch.length - fresh.length));
    if (this.failed && (fresh[0]?.seq ?? seq) > seq + 1)
      throw ledgerUnavailable(new Error('what comes before these commits is not written'));
    return fresh.length > 0 ? this.take(session, fresh, undefined) : seq;
  }

  kept(): Readonly<Record<string, number>> {
    return this.preparer?.kept() ?? { heads: 0, orders: 0, books: 0 };
  }

  goOn(): void {
    this.stopped = undefined;
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
      if (this.session === undefined) {
        this.session = await WriterSession.open(this.pool, this.options.lockWaitMs ?? LOCK_WAIT_MS);
        await growTree(this.session.client);
        const { entriesOf } = this.options;
        await fillNewReadModels(this.session.client, entriesOf === undefined ? {} : { entriesOf });
      }
      const done = await work(this.session);
      this.failed = false;
      return done;
    } catch (error) {
      this.failed = true;
      // What was learned in a transaction that did not come to its end counts for nothing.
      this.preparer = undefined;
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

  private async preparerOf(session: WriterSession): Promise<BatchPreparer> {
    if (this.preparer?.isSmall !== true)
      this.preparer = await BatchPreparer.open(session.client, this.options);
    return this.preparer;
  }

  /** One transaction for the stretch. When something in it is wrong, message by message, so that the good part stays. */
  private async take(
    session: WriterSession,
    batch: readonly JournalMessage[],
    ahead: Ahead | undefined,
  ): Promise<number> {
    try {
      const prepared = await this.preparedOf(session, batch, ahead);
      await this.write(session, prepared);
      return prepared.to;
    } catch (error) {
      if (!(error instanceof LedgerFault) && !isDataError(error)) throw error;
      this.preparer = undefined;
      if (batch.length > 1) {
        let reached = 0;
        for (const message of batch) reached = await this.take(session, [message], undefined);
        return reached;
      }
      const message = required(batch[0], 'a batch that failed has a message');
      const fault = error instanceof LedgerFault ? error : faultOf(this.options.epoch, message, error);
      await quarantine(session.client, fault, message);
      throw fault;
    }
  }

  private async preparedOf(
    session: WriterSession,
    batch: readonly JournalMessage[],
    ahead: Ahead | undefined,
  ): Promise<PreparedBatch> {
    if (ahead === undefined)
      return (await this.preparerOf(session)).prepare(
        session.client,
        batch,
        this.options.alongside !== undefined,
      );
    if ('error' in ahead) throw ahead.error;
    return ahead.prepared;
  }

  /** Everything goes out at once; what the locked rows say is looked at before anything counts. */
  private async write(session: WriterSession, prepared: PreparedBatch): Promise<void> {
    const { epoch, alongside } = this.options;
    const { from, to, treeBefore, statements, commits } = prepared;
    try {
      await session.transaction(
        [
          { sql: LOCK_CHECKPOINT, values: [epoch] },
          { sql: LOCK_TREE },
          ...statements,
          { sql: ADVANCE_CHECKPOINT, values: [epoch, String(from), String(to)] },
        ],
        async ([checkpoint, tree]) => {
          assertCheckpoint(epoch, from, checkpoint);
          assertTree(treeBefore, tree);
          await alongside?.(session.client, commits);
        },
      );
    } catch (error) {
      // Rows that do not fit may be somebody else's doing, and nothing of this journal's.
      if (isDataError(error)) await this.assertUnmoved(session, prepared);
      throw error;
    }
  }

  private async assertUnmoved({ client }: WriterSession, { from, treeBefore }: PreparedBatch): Promise<void> {
    const { epoch } = this.options;
    const [checkpoint, tree] = await flight(client, [
      { sql: READ_CHECKPOINT, values: [epoch] },
      { sql: READ_TREE },
    ]);
    assertCheckpoint(epoch, from, checkpoint);
    assertTree(treeBefore, tree);
  }
}

function assertCheckpoint(epoch: string, from: number, rows: FlightRows | undefined): void {
  const found = Number(rows?.[0]?.[0] ?? 0);
  if (found !== from) throw checkpointMoved(epoch, from, found);
}

const READ_CHECKPOINT = 'SELECT seq FROM ledger.checkpoint WHERE epoch = $1';
const READ_TREE = 'SELECT size, root, nodes FROM ledger.tree';
const LOCK_CHECKPOINT = 'SELECT ledger.lock_checkpoint($1)';
const LOCK_TREE = 'SELECT o_size, o_root, o_nodes FROM ledger.lock_tree()';
const ADVANCE_CHECKPOINT = 'SELECT ledger.advance_checkpoint($1, $2, $3)';

/** The data is at fault, not the connection: classes 22 (data exception) and 23 (integrity constraint violation). */
function isDataError(
  error: unknown,
): error is Error & { readonly code: string; readonly constraint?: string } {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && /^2[23]/.test(error.code)
  );
}
