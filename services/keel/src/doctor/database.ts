import { databaseFaults, databaseStanding } from '@evenkeel/adapter-postgres';
import type { DatabaseNeed, DatabaseStanding } from '@evenkeel/adapter-postgres';
import { EvenkeelError } from '@evenkeel/kernel';

/** One login of the ledger's database, as the variable names it. */
export interface DatabaseLogin {
  readonly variable: string;
  readonly need: DatabaseNeed;
  readonly url: string;
}

export interface DatabaseReport {
  readonly logins: readonly (Pick<DatabaseLogin, 'variable' | 'need'> & {
    readonly standing: DatabaseStanding | undefined;
  })[];
  readonly problems: readonly string[];
}

const CLOCK_MAX_MS = 1_000;

/** What each login finds, and what stands between it and what it is for. */
export async function databaseReport(logins: readonly DatabaseLogin[]): Promise<DatabaseReport> {
  const looked = await Promise.all(logins.map(look));
  return {
    logins: looked.map(({ variable, need, standing }) => ({ variable, need, standing })),
    problems: looked.flatMap(({ problems }) => problems),
  };
}

async function look({ variable, need, url }: DatabaseLogin): Promise<{
  readonly variable: string;
  readonly need: DatabaseNeed;
  readonly standing: DatabaseStanding | undefined;
  readonly problems: readonly string[];
}> {
  try {
    const standing = await databaseStanding(url);
    const faults = databaseFaults(standing, need, url).map(
      ({ code, message }) => `${variable}: ${code}: ${message}`,
    );
    return { variable, need, standing, problems: [...faults, ...remarksOf(variable, need, standing)] };
  } catch (error) {
    if (!(error instanceof EvenkeelError)) throw error;
    return {
      variable,
      need,
      standing: undefined,
      problems: [`${variable}: ${error.code}: ${error.message}`],
    };
  }
}

function remarksOf(variable: string, need: DatabaseNeed, standing: DatabaseStanding): readonly string[] {
  const { login, superuser, ownsDatabase, unknownMigrations, clockAheadMs } = standing;
  const isTooStrong = need === 'write' && (superuser || ownsDatabase);
  return [
    ...(isTooStrong
      ? [
          `${variable}: "${login}" ${superuser ? 'is a superuser' : 'owns the database'}, and the ledger service does not write as that: name evenkeel_writer`,
        ]
      : []),
    ...(unknownMigrations.length > 0
      ? [`${variable}: the database has migrations of a newer build: ${unknownMigrations.join(', ')}`]
      : []),
    ...(Math.abs(clockAheadMs) > CLOCK_MAX_MS
      ? [`${variable}: the clock of the database is ${(clockAheadMs / 1000).toFixed(1)} s off ours`]
      : []),
  ];
}

export function databasePage({ logins }: DatabaseReport): string {
  const lines = logins.map(({ variable, standing }) => {
    if (standing === undefined) return `${variable.padEnd(24)} not reached`;
    const may = [
      standing.ownsDatabase ? 'may migrate' : '',
      standing.mayWrite ? 'may write' : '',
      standing.mayRead ? 'may read' : '',
    ].filter((word) => word !== '');
    const schema =
      standing.missingMigrations.length === 0
        ? 'schema up to date'
        : `${standing.missingMigrations.length} migrations missing`;
    return `${variable.padEnd(24)} PostgreSQL ${standing.version} at ${standing.place} as ${standing.login}: ${may.join(', ') || 'may nothing'}; ${schema}; TLS ${standing.encrypted ? 'yes' : 'no'}`;
  });
  return lines.length === 0 ? '' : `${lines.join('\n')}\n\n`;
}
