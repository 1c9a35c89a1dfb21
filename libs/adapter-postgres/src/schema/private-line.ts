import { OperationalError, isLoopback } from '@evenkeel/kernel';

const ENCRYPTED = 'verify-full';

/**
 * A database on another machine is spoken to over TLS, with its certificate and name verified: `sslmode=verify-full` in
 * the URL. Whoever has another private line says so with `sslmode=disable`; nothing in between is accepted, because it
 * looks safe and is not. Throws `POSTGRES.NOT_PRIVATE`.
 */
export function assertPrivateLine(url: string): void {
  if (!URL.canParse(url)) return; // the driver has its own words for that
  const { hostname, searchParams } = new URL(url);
  const mode = searchParams.get('sslmode');
  if (mode === ENCRYPTED || mode === 'disable') return;
  // The driver goes by `host`, where the URL has one; a path is a socket of this machine.
  const named = searchParams.get('host') ?? '';
  const isElsewhere = named !== '' && !named.startsWith('/');
  if (mode === null && !isElsewhere && (hostname === '' || isLoopback(url))) return;
  throw new OperationalError({
    code: 'POSTGRES.NOT_PRIVATE',
    message: `The database at ${isElsewhere ? named : hostname} would be spoken to ${mode === null ? 'in the clear' : `with sslmode=${mode}, which anybody in between can get around`}: add ?sslmode=${ENCRYPTED}&sslrootcert=FILE to its URL, or ?sslmode=disable where the line is private by other means.`,
  });
}
