/** An error that somebody else has made: the system, PostgreSQL, NATS. */
export interface ForeignError {
  readonly code: string;
  /** What happened, where, and what to do. */
  readonly message: string;
}

const OF_FILES: Readonly<Record<string, string>> = {
  EACCES: 'permission is denied: run as a user who may, or set EK_HOME to a folder of your own',
  EPERM: 'it is not permitted: run as a user who may, or set EK_HOME to a folder of your own',
  EROFS: 'the file system is read-only: set EK_HOME to a folder that can be written',
  ENOSPC: 'the disk is full: make room, or set EK_HOME to a folder on another disk',
  EDQUOT: 'the quota is used up: make room, or set EK_HOME to a folder on another disk',
  EIO: 'the disk gives an error: look at it before anything else is written',
  EMFILE: 'too many files are open: raise the limit (ulimit -n)',
  ENFILE: 'too many files are open on this machine',
  ENOENT: 'it does not exist',
  EISDIR: 'it is a folder, and a file is needed',
  ENOTDIR: 'a part of it is a file, and a folder is needed',
  EEXIST: 'it exists already',
  ENOTEMPTY: 'it is not empty',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'its links go round in a circle',
};

const OF_NEW_FOLDERS: Readonly<Record<string, string>> = {
  ENOENT: 'no folder can be made there: set EK_HOME to a folder of your own',
};

const OF_CONNECTIONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing answers there: is it running, and is the address right?',
  ECONNRESET: 'the other side ended the connection',
  EPIPE: 'the other side ended the connection',
  ETIMEDOUT: 'no answer came in time',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network',
  ENOTFOUND: 'no such host is known: is the name right?',
  EAI_AGAIN: 'the name server does not answer',
  EADDRINUSE: 'another program has this port: end it, or choose another port',
  EADDRNOTAVAIL: 'this machine has no such address',
};

const OF_POSTGRES: Readonly<Record<string, string>> = {
  '53100': 'its disk is full: make room there',
  '53200': 'it is out of memory',
  '53300': 'it has no connection left: end some, or raise max_connections',
  '57P01': 'it was stopped while this was going on: start it again, then try again',
  '57P02': 'it crashed while this was going on: look at its log, then try again',
  '57P03': 'it is starting or stopping: try again in a moment',
  '28P01': 'the password is wrong',
  '42501': 'this login may not do that: which login is for what says infra/postgres/roles.sql',
};

const LOST_POSTGRES = /^Connection terminated|^Client has encountered a connection error/;

const OF_NATS: Readonly<Record<string, string>> = {
  ConnectionError: 'the connection cannot be made or was lost',
  ClosedConnectionError: 'the connection is closed: it was stopped while this was going on',
  DrainingConnectionError: 'the connection is being closed',
  TimeoutError: 'it does not answer in time',
  NoRespondersError: 'nobody answers there: is JetStream on?',
  RequestError: 'it does not answer',
  AuthorizationError: 'the credential is refused',
  UserAuthenticationExpiredError: 'the credential has expired',
  PermissionViolationError: 'the credential may not do that: `keel doctor --rights` lists who may do what',
  JetStreamApiError: 'JetStream refuses',
  JetStreamNotEnabled: 'JetStream is not on',
  JetStreamStatusError: 'JetStream refuses',
};

/** What an error that is none of ours means for people; undefined for what nobody foresaw, which is a fault of our own. */
export function foreignError(error: unknown): ForeignError | undefined {
  if (error instanceof AggregateError && error.errors.length > 0) return foreignError(error.errors[0]);
  if (!(error instanceof Error)) return undefined;
  return ofSystem(error) ?? ofPostgres(error) ?? ofNats(error);
}

function ofSystem(error: Error): ForeignError | undefined {
  const { code, syscall, path, dest, address, port, hostname } = error as NodeJS.ErrnoException & {
    readonly dest?: string;
    readonly address?: string;
    readonly port?: number;
    readonly hostname?: string;
  }; // what the system adds to its errors
  if (code === undefined || syscall === undefined) return undefined;
  if (syscall.startsWith('spawn') && path !== undefined)
    return {
      code: 'KEEL.PROGRAM_MISSING',
      message: `${path} cannot be started (${code}): is it installed, and on the PATH?`,
    };
  const connection = OF_CONNECTIONS[code];
  if (connection !== undefined) {
    const place = [address ?? hostname, port].filter((part) => part !== undefined).join(':');
    return { code: 'KEEL.CONNECTION', message: `${syscall} ${place}: ${connection} (${code})` };
  }
  const place = [path, dest].filter((part) => part !== undefined).join(' to ');
  const why = (syscall === 'mkdir' ? OF_NEW_FOLDERS[code] : undefined) ?? OF_FILES[code] ?? error.message;
  return { code: 'KEEL.FILES', message: `${place === '' ? syscall : place}: ${why} (${syscall}: ${code})` };
}

function ofPostgres(error: Error): ForeignError | undefined {
  if (LOST_POSTGRES.test(error.message))
    return {
      code: 'KEEL.POSTGRES',
      message:
        'PostgreSQL: the connection was lost while this was going on: is it still running? Then try again',
    };
  const { code, severity } = error as { code?: unknown; severity?: unknown }; // what pg puts on a server's errors
  if (typeof code !== 'string' || severity === undefined) return undefined;
  const why = OF_POSTGRES[code];
  const said = `${error.message} (SQLSTATE ${code})`;
  return {
    code: 'KEEL.POSTGRES',
    message: `PostgreSQL: ${why === undefined ? said : `${why}. It says: ${said}`}`,
  };
}

function ofNats(error: Error): ForeignError | undefined {
  const why = OF_NATS[error.name];
  if (why === undefined) return undefined;
  return { code: 'KEEL.NATS', message: `NATS: ${why}. It says: ${error.message}` };
}
