import { databaseFaults, databaseStanding } from '../schema/database-standing';
import type { DatabaseNeed } from '../schema/database-standing';

/**
 * Makes sure a server somebody else runs can be reached, and used for what is needed; returns its version (`180004` for 18.4). Throws
 * what stands in the way, by name, with one sentence saying what to do: `POSTGRES.UNREACHABLE`, `LOGIN_REFUSED`,
 * `NO_DATABASE`, `TLS_FAILED`, `TOO_OLD`, `NO_ROLES`, `NO_SCHEMA`, `NOT_THE_OWNER` or `NOT_PERMITTED`.
 */
export async function checkExternalPostgres(url: string, need?: DatabaseNeed): Promise<number> {
  const standing = await databaseStanding(url);
  const [fault] = databaseFaults(standing, need, url);
  if (fault !== undefined) throw fault;
  return standing.versionNumber;
}
