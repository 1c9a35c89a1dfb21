import { Pool, types } from 'pg';
import type { PoolConfig } from 'pg';
import { assertPrivateLine } from './private-line';

export type LedgerRole = 'evenkeel_ledger' | 'evenkeel_reader';

export interface LedgerPoolOptions {
  readonly url: string;
  /**
   * The role every connection acts as; the URL's user must be a member. Absent: the URL's user itself (in production a
   * login that is a member of `evenkeel_ledger` and nothing more).
   */
  readonly role?: LedgerRole;
  readonly max?: number;
  /** Longest statement, ms; for work that reads or writes everything at once, 0: no limit. */
  readonly statementTimeoutMs?: number;
  readonly onError?: (error: Error) => void;
}

const INT8 = 20;
const STATEMENT_TIMEOUT_MS = 60_000;
/** The server's own limits let it answer first. */
const ANSWER_GRACE_MS = 5_000;
const KEEPALIVE_MS = 10_000;

/** A pool for the ledger: UTC, bounded in connections and in time, with sequences as numbers (they stay far below 2^53). */
export function createLedgerPool(options: LedgerPoolOptions): Pool {
  assertPrivateLine(options.url);
  const longest = options.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS;
  const settings = [
    '-c timezone=UTC',
    '-c datestyle=ISO',
    // A client that is gone without a word gives its locks back.
    `-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c tcp_user_timeout=30000`,
    `-c statement_timeout=${longest} -c idle_in_transaction_session_timeout=${longest}`,
    ...(options.role === undefined ? [] : [`-c role=${options.role}`]),
  ];
  const config: PoolConfig = {
    connectionString: options.url,
    max: options.max ?? 4,
    options: settings.join(' '),
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEPALIVE_MS,
    types: {
      getTypeParser: ((id: number, format: 'text' | 'binary') =>
        id === INT8 && format !== 'binary'
          ? Number
          : types.getTypeParser(id, format)) as typeof types.getTypeParser, // pg overloads by id; ours differs for one
    },
    ...(longest === 0 ? {} : { query_timeout: longest + ANSWER_GRACE_MS }),
  };
  const pool = new Pool(config);
  // Idle connections die with the server; the next query says so where it can be dealt with.
  pool.on('error', (error) => options.onError?.(error));
  return pool;
}
