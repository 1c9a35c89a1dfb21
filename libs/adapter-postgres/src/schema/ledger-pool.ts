import { Pool, types } from 'pg';

export type LedgerRole = 'evenkeel_ledger' | 'evenkeel_reader';

export interface LedgerPoolOptions {
  readonly url: string;
  /**
   * The role every connection acts as; the URL's user must be a member. Absent: the URL's user itself (in production a
   * login that is a member of `evenkeel_ledger` and nothing more).
   */
  readonly role?: LedgerRole;
  readonly max?: number;
  readonly onError?: (error: Error) => void;
}

const INT8 = 20;

/** A pool for the ledger: UTC, bounded, with sequences as numbers (they stay far below 2^53). */
export function createLedgerPool(options: LedgerPoolOptions): Pool {
  const settings = [
    '-c timezone=UTC',
    '-c datestyle=ISO',
    ...(options.role === undefined ? [] : [`-c role=${options.role}`]),
  ];
  const pool = new Pool({
    connectionString: options.url,
    max: options.max ?? 4,
    options: settings.join(' '),
    connectionTimeoutMillis: 10_000,
    types: {
      getTypeParser: ((id: number, format: 'text' | 'binary') =>
        id === INT8 && format !== 'binary'
          ? Number
          : types.getTypeParser(id, format)) as typeof types.getTypeParser, // pg overloads by id; ours differs for one
    },
  });
  // Idle connections die with the server; the next query says so where it can be dealt with.
  pool.on('error', (error) => options.onError?.(error));
  return pool;
}
