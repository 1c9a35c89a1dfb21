import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import type { Pool } from 'pg';
import { OperationalError } from '@evenkeel/kernel';
import { migrationsDir } from './locations';

/** One login per thing that is done to the database. */
export type LedgerLogin = 'migrate' | 'writer' | 'auditor';

export const LEDGER_LOGINS: readonly LedgerLogin[] = ['migrate', 'writer', 'auditor'];

/** `infra/postgres/roles.sql`: plain SQL that reads the passwords from settings of its session. */
export function rolesScript(): string {
  return readFileSync(join(migrationsDir(), '..', '..', 'roles.sql'), 'utf8');
}

/**
 * Makes the logins of a database, or gives them these passwords: `infra/postgres/roles.sql`. `adminUrl` is an
 * administrator's, to the database itself.
 */
export async function applyRoles(
  adminUrl: string,
  passwords: Readonly<Record<LedgerLogin, string>>,
): Promise<void> {
  const script = rolesScript();
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query('BEGIN');
    for (const login of LEDGER_LOGINS)
      await client.query('SELECT set_config($1, $2, true)', [`evenkeel.${login}_password`, passwords[login]]);
    await client.query(script);
    await client.query('COMMIT');
  } finally {
    await client.end();
  }
}

/** The same database by another login. */
export function urlOfLogin(url: string, login: LedgerLogin, password: string): string {
  const other = new URL(url);
  other.username = `evenkeel_${login}`;
  other.password = password;
  return other.toString();
}

interface LoginRow {
  readonly name: string;
  readonly superuser: boolean;
  readonly powers: boolean;
  readonly owns: boolean;
  readonly others: string[];
}

/**
 * Refuses a login that could do more than write what comes next: an administrator's, the owner's, or a member of a role
 * other than `evenkeel_ledger` and `evenkeel_reader`. Throws `POSTGRES.LOGIN_TOO_STRONG` with what it could.
 */
export async function assertWriterLogin(pool: Pool): Promise<void> {
  const { rows } = await pool.query<LoginRow>(
    `SELECT me.rolname AS name, me.rolsuper AS superuser,
            me.rolcreaterole OR me.rolcreatedb OR me.rolbypassrls OR me.rolreplication AS powers,
            EXISTS (SELECT FROM pg_namespace n WHERE n.nspname = 'ledger' AND pg_has_role(me.oid, n.nspowner, 'MEMBER'))
              OR EXISTS (SELECT FROM pg_database d WHERE d.datname = current_database() AND pg_has_role(me.oid, d.datdba, 'MEMBER'))
              AS owns,
            ARRAY(SELECT r.rolname::text FROM pg_roles r WHERE pg_has_role(me.oid, r.oid, 'MEMBER') AND r.oid <> me.oid
                     AND r.rolname NOT IN ('evenkeel_ledger', 'evenkeel_reader') ORDER BY 1) AS others
       FROM pg_roles me WHERE me.rolname = session_user`,
  );
  const [me] = rows;
  const could =
    me === undefined
      ? 'is unknown to the database'
      : me.superuser
        ? 'is a superuser'
        : me.owns
          ? 'owns the ledger'
          : me.powers
            ? 'may make roles or databases, or pass by their rules'
            : me.others.length > 0
              ? `may act as ${me.others.join(', ')}`
              : undefined;
  if (could === undefined) return;
  throw new OperationalError({
    code: 'POSTGRES.LOGIN_TOO_STRONG',
    message: `The ledger does not write as ${me?.name ?? 'this login'}, which ${could}: give it the login evenkeel_writer of infra/postgres/roles.sql in DATABASE_URL.`,
  });
}
