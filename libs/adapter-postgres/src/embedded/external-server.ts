import { Client } from 'pg';
import { OperationalError } from '@evenkeel/kernel';

const OLDEST_VERSION = 150_000;
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Makes sure a server somebody else runs can be used; returns its version (`180004` for 18.4). Throws
 * `POSTGRES.UNREACHABLE` or `POSTGRES.TOO_OLD` with one sentence saying what to do.
 */
export async function checkExternalPostgres(url: string): Promise<number> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  client.on('error', () => undefined);
  const where = databasePlace(url);
  try {
    await client.connect();
  } catch (cause) {
    await client.end().catch(() => undefined);
    throw new OperationalError({
      code: 'POSTGRES.UNREACHABLE',
      message: `No PostgreSQL answers at ${where} (${reasonOf(cause)}); start that server or correct DATABASE_URL, or unset DATABASE_URL to use the embedded one.`,
      cause,
    });
  }
  try {
    const result = await client.query<{ number: number; text: string }>(
      `SELECT current_setting('server_version_num')::int AS number, current_setting('server_version') AS text`,
    );
    const row = result.rows[0];
    assertVersion(row?.number ?? 0, row?.text ?? 'of unknown version', where);
    return row?.number ?? 0;
  } finally {
    await client.end();
  }
}

/** Throws `POSTGRES.TOO_OLD` below PostgreSQL 15. */
export function assertVersion(number: number, text: string, where: string): void {
  if (number >= OLDEST_VERSION) return;
  throw new OperationalError({
    code: 'POSTGRES.TOO_OLD',
    message: `PostgreSQL ${text} at ${where} is too old: Evenkeel needs 15 or newer; upgrade that server, or unset DATABASE_URL to use the embedded one.`,
  });
}

/** Host, port and database, never the password. */
export function databasePlace(url: string): string {
  try {
    const { hostname, port, pathname } = new URL(url);
    return `${hostname}:${port === '' ? '5432' : port}${pathname}`;
  } catch {
    return 'DATABASE_URL (which is not a URL)';
  }
}

function reasonOf(cause: unknown): string {
  if (cause instanceof AggregateError) return cause.errors.map(reasonOf).join(', ');
  return cause instanceof Error && cause.message !== '' ? cause.message : String(cause);
}
