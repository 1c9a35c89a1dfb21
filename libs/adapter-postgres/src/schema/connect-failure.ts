import { OperationalError } from '@evenkeel/kernel';

/** Where the logins of a database come from, in one sentence for messages. */
export function howToMakeLogins(url: string): string {
  const { host, port, database } = placeIn(url);
  return (
    `an administrator of that server makes Evenkeel's logins once: ` +
    `keel database ./database --host ${host} --port ${port} --database ${database}, then ` +
    `psql -v ON_ERROR_STOP=1 -h ${host} -p ${port} -d ${database} -U <administrator> -f ./database/server/roles.sql ` +
    `(infra/postgres/roles.sql with new passwords); then DATABASE_URL_FILE=./database/writer/url and ` +
    `EK_MIGRATE_DATABASE_URL_FILE=./database/migrate/url`
  );
}

/** Host, port and database, never the password. */
export function databasePlace(url: string): string {
  if (!URL.canParse(url)) return 'DATABASE_URL (which is not a URL)';
  const { host, port, database } = placeIn(url);
  return `${host}:${port}/${database}`;
}

export function loginOf(url: string): string {
  return URL.canParse(url) ? decodeURIComponent(new URL(url).username) : '';
}

function placeIn(url: string): { host: string; port: string; database: string } {
  if (!URL.canParse(url)) return { host: '<host>', port: '5432', database: 'evenkeel' };
  const { hostname, port, pathname } = new URL(url);
  return {
    host: hostname === '' ? 'localhost' : hostname,
    port: port === '' ? '5432' : port,
    database: pathname.length > 1 ? pathname.slice(1) : 'evenkeel',
  };
}

const REFUSED = new Set(['28P01', '28000']);
const NO_DATABASE = '3D000';
const NO_SUCH_ROLE = '22023';
const NOT_PERMITTED = '42501';
const TLS = /SSL|TLS|certificate|self.signed/i;

/** Why a database is not to be used, by its own name. `cause` is what the driver threw when it connected. */
export function databaseFailure(cause: unknown, url: string): OperationalError {
  if (cause instanceof OperationalError) return cause;
  const where = databasePlace(url);
  const login = loginOf(url);
  const reason = reasonOf(cause);
  const code = codeOf(cause);
  const failure = (name: string, message: string): OperationalError =>
    new OperationalError({ code: name, message, cause });
  if (REFUSED.has(code))
    return failure(
      'POSTGRES.LOGIN_REFUSED',
      `PostgreSQL at ${where} answers, and does not let "${login}" in (${reason}): name another login, or ${howToMakeLogins(url)}.`,
    );
  if (code === NO_DATABASE) {
    const { host, port, database } = placeIn(url);
    return failure(
      'POSTGRES.NO_DATABASE',
      `PostgreSQL at ${where} answers, and has no database "${database}": createdb -h ${host} -p ${port} -U <administrator> ${database}.`,
    );
  }
  if (code === NO_SUCH_ROLE || code === NOT_PERMITTED)
    return failure(
      'POSTGRES.NOT_PERMITTED',
      `PostgreSQL at ${where} does not let "${login}" do this (${reason}); \`keel doctor\` says what it may.`,
    );
  if (TLS.test(reason))
    return failure(
      'POSTGRES.TLS_FAILED',
      `PostgreSQL at ${where} cannot be spoken to over TLS as the URL asks (${reason}): name the certificate of who vouches for it with sslrootcert=FILE, or say sslmode=disable where the line is private by other means.`,
    );
  return failure(
    'POSTGRES.UNREACHABLE',
    `No PostgreSQL answers at ${where} (${reason}); start that server or correct DATABASE_URL, or unset DATABASE_URL to use the embedded one.`,
  );
}

function codeOf(cause: unknown): string {
  return typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
}

function reasonOf(cause: unknown): string {
  if (cause instanceof AggregateError) return cause.errors.map(reasonOf).join(', ');
  return cause instanceof Error && cause.message !== '' ? cause.message : String(cause);
}
