import type { Pool, PoolClient } from 'pg';
import { flight } from '../wire/flight';
import type { FlightRows, Statement } from '../wire/flight';
import { anotherWriter } from './faults';

/** Held for as long as a writer lives; one per database. The number spells EKLEDGER. */
const WRITER_LOCK = '4992315203718759762';
const LOCK_POLL_MS = 50;

/** One connection that holds the writer's lock: whoever lost the lock lost the connection, and cannot write. */
export class WriterSession {
  private broken = false;

  private constructor(readonly client: PoolClient) {
    client.on('error', this.onError);
  }

  private readonly onError = (): void => {
    this.broken = true;
  };

  /** Throws `LEDGER.ANOTHER_WRITER` when the lock is still taken after `waitMs`: a killed writer's goes at once. */
  static async open(pool: Pool, waitMs: number): Promise<WriterSession> {
    const session = new WriterSession(await pool.connect());
    const deadline = performance.now() + waitMs;
    try {
      while (!(await session.tryLock())) {
        if (performance.now() > deadline) throw anotherWriter();
        await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MS));
      }
      return session;
    } catch (error) {
      await session.end();
      throw error;
    }
  }

  private async tryLock(): Promise<boolean> {
    const result = await this.client.query<{ locked: boolean }>(
      'SELECT pg_try_advisory_lock($1::bigint) AS locked',
      [WRITER_LOCK],
    );
    return result.rows[0]?.locked === true;
  }

  get usable(): boolean {
    return !this.broken;
  }

  /**
   * One transaction, sent at once and without waiting in between. `settle` hears the answers before anything counts; what it
   * throws rolls back, as does what the server refuses.
   */
  async transaction(
    statements: readonly Statement[],
    settle: (answers: readonly FlightRows[]) => Promise<void>,
  ): Promise<void> {
    try {
      const [, ...answers] = await flight(this.client, [{ sql: 'BEGIN' }, ...statements]);
      await settle(answers);
      await flight(this.client, [{ sql: 'COMMIT' }]);
    } catch (error) {
      // What got no answer is still under way: the server rolls back when the connection is gone.
      if (isUnanswered(error)) this.broken = true;
      else
        await this.client.query('ROLLBACK').catch(() => {
          this.broken = true;
        });
      throw error;
    }
  }

  /** Gives the lock up, then the connection. */
  async end(): Promise<void> {
    if (!this.broken) await this.client.query('SELECT pg_advisory_unlock_all()').catch(() => undefined);
    this.broken = true;
    this.client.removeListener('error', this.onError);
    this.client.on('error', () => undefined);
    this.client.release(true);
  }
}

/** The driver's own words for a query that the server did not answer within `query_timeout`; it gives no code. */
function isUnanswered(error: unknown): boolean {
  return error instanceof Error && error.message === 'Query read timeout';
}
