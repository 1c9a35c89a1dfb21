import { Client } from 'pg';
import { OperationalError } from '@evenkeel/kernel';
import { databaseFailure, howToMakeLogins, databasePlace } from './connect-failure';
import { loadMigrations } from './migrations';
import { assertPrivateLine } from './private-line';

/** What a command does with the ledger's database. */
export type DatabaseNeed =
  /** Brings the schema up to date: the owner's login. */
  | 'migrate'
  /** Acts as `evenkeel_ledger`: the writer's login. */
  | 'write'
  /** Acts as `evenkeel_reader`: any of the three. */
  | 'read';

/** A database as one login finds it. */
export interface DatabaseStanding {
  readonly place: string;
  readonly version: string;
  readonly versionNumber: number;
  readonly login: string;
  readonly superuser: boolean;
  readonly mayMakeRoles: boolean;
  readonly ownsDatabase: boolean;
  readonly databaseOwner: string;
  readonly mayWrite: boolean;
  readonly mayRead: boolean;
  /** Roles and logins of `infra/postgres/roles.sql` that are missing. */
  readonly missingRoles: readonly string[];
  /** Who owns the table that says which migrations were applied; undefined where there is none. */
  readonly migrationsOwner: string | undefined;
  /** It may be read and, by whoever migrates, written. */
  readonly mayReadMigrations: boolean;
  readonly mayWriteMigrations: boolean;
  /** Migrations of this build that were not applied; of a database whose table cannot be read, all. */
  readonly missingMigrations: readonly string[];
  /** Migrations that this build does not know. */
  readonly unknownMigrations: readonly string[];
  readonly encrypted: boolean;
  /** The server's clock less ours, ms. */
  readonly clockAheadMs: number;
}

const OLDEST_VERSION = 150_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** Memberships the migrations themselves need, and the logins that processes are given. */
const NEEDED_ROLES = ['evenkeel_ledger', 'evenkeel_reader'];
const LOGINS = ['evenkeel_migrate', 'evenkeel_writer', 'evenkeel_auditor'];

interface Row {
  readonly version: string;
  readonly number: number;
  readonly login: string;
  readonly superuser: boolean;
  readonly makes_roles: boolean;
  readonly owns: boolean;
  readonly owner: string;
  readonly may_write: boolean | null;
  readonly may_read: boolean | null;
  readonly roles: string[];
  readonly migrations_owner: string | null;
  readonly reads_migrations: boolean | null;
  readonly writes_migrations: boolean | null;
  readonly encrypted: boolean;
  readonly now_ms: number;
}

const QUESTION = `
  SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number,
         me.rolname::text AS login, me.rolsuper AS superuser, me.rolcreaterole AS makes_roles,
         pg_has_role(me.oid, d.datdba, 'MEMBER') AS owns, pg_get_userbyid(d.datdba)::text AS owner,
         (SELECT pg_has_role(me.oid, r.oid, 'MEMBER') FROM pg_roles r WHERE r.rolname = 'evenkeel_ledger') AS may_write,
         (SELECT pg_has_role(me.oid, r.oid, 'MEMBER') FROM pg_roles r WHERE r.rolname = 'evenkeel_reader') AS may_read,
         ARRAY(SELECT r.rolname::text FROM pg_roles r WHERE r.rolname LIKE 'evenkeel\\_%') AS roles,
         pg_get_userbyid(m.relowner)::text AS migrations_owner,
         has_table_privilege(me.oid, m.oid, 'SELECT') AS reads_migrations,
         has_table_privilege(me.oid, m.oid, 'INSERT') AS writes_migrations,
         coalesce((SELECT s.ssl FROM pg_stat_ssl s WHERE s.pid = pg_backend_pid()), false) AS encrypted,
         extract(epoch FROM clock_timestamp())::float8 * 1000 AS now_ms
    FROM pg_roles me
    JOIN pg_database d ON d.datname = current_database()
    LEFT JOIN pg_class m ON m.oid = to_regclass('public._prisma_migrations')
   WHERE me.rolname = session_user`;

/** Looks at a database as its login finds it. Throws a `POSTGRES.*` error by name where it cannot be reached. */
export async function databaseStanding(url: string): Promise<DatabaseStanding> {
  assertPrivateLine(url);
  const client = new Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<Row>(QUESTION);
    const [row] = rows;
    if (row === undefined) throw new Error('the server does not know the login that it let in');
    const applied = row.reads_migrations === true ? await appliedIn(client) : [];
    const known = loadMigrations().map(({ name }) => name);
    return {
      place: databasePlace(url),
      version: row.version,
      versionNumber: row.number,
      login: row.login,
      superuser: row.superuser,
      mayMakeRoles: row.superuser || row.makes_roles,
      ownsDatabase: row.owns,
      databaseOwner: row.owner,
      mayWrite: row.may_write === true,
      mayRead: row.may_read === true,
      missingRoles: [...NEEDED_ROLES, ...LOGINS].filter((role) => !row.roles.includes(role)),
      migrationsOwner: row.migrations_owner ?? undefined,
      mayReadMigrations: row.reads_migrations === true,
      mayWriteMigrations: row.writes_migrations === true,
      missingMigrations: known.filter((name) => !applied.includes(name)),
      unknownMigrations: applied.filter((name) => !known.includes(name)),
      encrypted: row.encrypted,
      clockAheadMs: row.now_ms - Date.now(),
    };
  } catch (cause) {
    throw databaseFailure(cause, url);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function appliedIn(client: Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT migration_name AS name FROM public._prisma_migrations
      WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL`,
  );
  return rows.map(({ name }) => name);
}

/** What stands between this login and what it is to do, each with what to do about it. Empty where nothing does. */
export function databaseFaults(
  standing: DatabaseStanding,
  need: DatabaseNeed | undefined,
  url: string,
): readonly OperationalError[] {
  const { place, version, versionNumber, login } = standing;
  const fault = (code: string, message: string): readonly OperationalError[] => [
    new OperationalError({ code, message }),
  ];
  if (versionNumber < OLDEST_VERSION)
    return fault(
      'POSTGRES.TOO_OLD',
      `PostgreSQL ${version} at ${place} is too old: Evenkeel needs 15 or newer; upgrade that server, or unset DATABASE_URL to use the embedded one.`,
    );
  if (need === undefined) return [];
  const lackOfRoles = standing.missingRoles.filter((role) => NEEDED_ROLES.includes(role));
  const isNew = standing.missingMigrations.length > 0;
  if (lackOfRoles.length > 0 && !standing.mayMakeRoles)
    return fault(
      'POSTGRES.NO_ROLES',
      `The server at ${place} has no role ${lackOfRoles.join(', ')}, and "${login}" may not make one: ${howToMakeLogins(url)}.`,
    );
  if (standing.migrationsOwner !== undefined && !standing.mayReadMigrations)
    return fault(
      'POSTGRES.NOT_PERMITTED',
      `public._prisma_migrations at ${place} belongs to "${standing.migrationsOwner}", and "${login}" may not read it: run infra/postgres/roles.sql again as an administrator, which gives it to evenkeel_migrate (${howToMakeLogins(url)}).`,
    );
  if (need === 'migrate') return migrateFaults(standing, isNew, fault);
  if (isNew && standing.unknownMigrations.length === 0)
    return fault(
      'POSTGRES.NO_SCHEMA',
      `The database at ${place} lacks migrations of this build (${standing.missingMigrations.join(', ')}): \`keel epoch open\` or \`keel run\` with the login evenkeel_migrate in EK_MIGRATE_DATABASE_URL adds them.`,
    );
  if (need === 'write' && !standing.mayWrite)
    return fault(
      'POSTGRES.NOT_PERMITTED',
      `"${login}" may not act as evenkeel_ledger at ${place}, which this needs: name the login evenkeel_writer in DATABASE_URL. \`keel audit verify --no-read-models\` does with less.`,
    );
  if (need === 'read' && !standing.mayRead)
    return fault(
      'POSTGRES.NOT_PERMITTED',
      `"${login}" may not read the ledger at ${place}: name the login evenkeel_auditor (or evenkeel_writer) of infra/postgres/roles.sql in DATABASE_URL.`,
    );
  return [];
}

function migrateFaults(
  standing: DatabaseStanding,
  isNew: boolean,
  fault: (code: string, message: string) => readonly OperationalError[],
): readonly OperationalError[] {
  const { place, login, databaseOwner, migrationsOwner, mayWriteMigrations } = standing;
  if (!isNew) return [];
  if (!standing.ownsDatabase)
    return fault(
      'POSTGRES.NOT_THE_OWNER',
      `The database at ${place} lacks migrations (${standing.missingMigrations[0] ?? ''}), and "${login}" does not own it ("${databaseOwner}" does): name the login evenkeel_migrate of infra/postgres/roles.sql in EK_MIGRATE_DATABASE_URL.`,
    );
  if (migrationsOwner !== undefined && !mayWriteMigrations)
    return fault(
      'POSTGRES.NOT_PERMITTED',
      `public._prisma_migrations at ${place} belongs to "${migrationsOwner}", and "${login}" may not write it: run infra/postgres/roles.sql again as an administrator, which gives it to evenkeel_migrate.`,
    );
  return [];
}
