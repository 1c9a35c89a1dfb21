import { existsSync, readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { InvalidInputError } from '@evenkeel/kernel';
import { z } from 'zod';
import { commitOfCheckout } from './checkout';

const nanoseconds = z
  .string()
  .regex(/^[1-9]\d*$/, 'must be a positive whole number of nanoseconds')
  .transform(BigInt)
  .optional();

const ROSTER_HASH = /^[0-9a-f]{64}$/;

/** What every service reads from its environment. Services compose their own keys onto this. */
export const hostEnvironment = z.object({
  /** Servers of NATS, comma-separated. Outside the loopback it is TLS or nothing. May hold `name:password@`. @secret */
  NATS_URL: z.string().min(1, 'must name a NATS server, e.g. nats://127.0.0.1:4222'),
  /**
   * What an acknowledgement of the server survives, as its operator vouches for it: `synced`, `replicated` or `unsynced`. Not needed where
   * the journal has three replicas, or the server's monitoring can be asked.
   */
  EK_DURABILITY: z.enum(['synced', 'replicated', 'unsynced']).optional(),
  /** Monitoring address of the server, e.g. http://nats:8222: says whether it syncs before it acknowledges. */
  NATS_MONITOR_URL: z.url({ protocol: /^https?$/ }).optional(),
  /**
   * Folder in which each process keeps its floor: the newest place of the journal that it knows. A volume that outlives the process, on
   * another disk than the server's. Without it, a process that trades asks the ledger.
   */
  EK_FLOOR_DIR: z.string().min(1).optional(),
  /** `<epoch>:<sequence>`: a person accepts that the journal ends there, behind what was known of it. For that end alone. */
  EK_ACCEPT_GAP: z
    .string()
    .regex(/^\d+:\d+$/, 'must be <epoch>:<sequence>, e.g. 3:1200')
    .optional(),
  /** The credential of this process on the bus: a file with an nkey seed, or with a JWT and its seed. */
  NATS_CREDS_FILE: z.string().min(1).optional(),
  /** Certificates that vouch for the server; those that the machine trusts unless told. */
  NATS_CA_FILE: z.string().min(1).optional(),
  /** What this process shows a server that asks for a certificate. */
  NATS_CERT_FILE: z.string().min(1).optional(),
  /** Its key. */
  NATS_KEY_FILE: z.string().min(1).optional(),
  /** Interface of the health and metrics endpoints; the loopback unless told, 0.0.0.0 in a container. */
  EK_HTTP_HOST: z.string().min(1).default('127.0.0.1'),
  /** Port of these endpoints; 0 takes a free one. `keel run` refuses any other: its five services cannot share one. */
  EK_HTTP_PORT: z.coerce.number().int().min(0).max(65_535).default(0),
  /** What is logged: `trace`, `debug`, `info`, `warn`, `error`, `fatal` or `silent`. */
  EK_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  /**
   * Names this process among those of its service, once and for all its lives (the pod of a StatefulSet). A second process
   * under the same name deposes the first. The host's name unless told.
   */
  EK_PROCESS: z
    .string()
    .regex(/^[A-Za-z0-9_-]+$/, 'must be letters, digits, - and _')
    .default(() => hostname().replace(/[^A-Za-z0-9_-]/g, '-')),
  /** A process that has not been heard of for so long gives its partitions up to others. */
  EK_LEASE_MS: z.coerce.number().int().min(1_000).max(60_000).default(6_000),
  /** Comma-separated partitions that the service's processes divide among them; all sixteen unless told. */
  EK_PARTITIONS: z
    .string()
    .regex(/^(\d{2})(,\d{2})*$/, 'must be two-digit numbers separated by commas, e.g. 00,07')
    .transform((text) => text.split(','))
    .optional(),
  /** Hash of the roster that people's approvals are judged by, or of one it descends from (`keel identity list` prints it). */
  EK_ROSTER_HASH: z.string().regex(ROSTER_HASH, 'must be a SHA-256 in hex').optional(),
  /** A file that holds it, read again whenever approvals are looked up: what an embedded stack writes for itself. */
  EK_ROSTER_HASH_FILE: z.string().min(1).optional(),
  /** Commit of the build, for the record; that of the git checkout it runs from unless told, or `unknown`. */
  EK_GIT_SHA: z.string().default(() => commitOfCheckout()),
  /** `optional`: also epochs whose commits nobody signed are read; never where real orders leave. */
  EK_SIGNATURES: z.enum(['required', 'optional']).default('required'),
  /** PKCS #8 PEM of the Ed25519 key that this service signs its commits with. */
  EK_COMMIT_KEY_FILE: z.string().optional(),
  /** The desk's public key (64 hex digits): an epoch that somebody else has opened is refused. */
  EK_DESK_KEY_FILE: z.string().optional(),
  /** Where traces go, e.g. http://collector:4318; none are made without it. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
  /** A bound on the clock's error that an operator vouches for, where no daemon can be asked. */
  EK_CLOCK_MAX_ERROR_NS: nanoseconds,
  /** Beyond this error nothing is decided. */
  EK_CLOCK_LIMIT_NS: nanoseconds,
  /** `off`: no state snapshots are written or used, and each start reads the epoch from its beginning. */
  EK_SNAPSHOTS: z.enum(['on', 'off']).default('on'),
  /** Inputs after which a partition's state is written down; a few seconds to read again. */
  EK_SNAPSHOT_INPUTS: z.coerce.number().int().positive().default(10_000),
  /** A quiet partition's state is written down so often. */
  EK_SNAPSHOT_MINUTES: z.coerce.number().positive().default(5),
  /** `1`: a line of JSON on standard input tells the rest of the environment, and the process ends when its input does. */
  EK_SUPERVISED: z.enum(['0', '1']).default('0'),
});

export type HostEnvironment = z.infer<typeof hostEnvironment>;

/** The roster hash that is pinned now; `undefined` where none is. Throws `INPUT.INVALID` for a file that holds no hash. */
export function pinnedRoster({
  EK_ROSTER_HASH: hash,
  EK_ROSTER_HASH_FILE: file,
}: Pick<HostEnvironment, 'EK_ROSTER_HASH' | 'EK_ROSTER_HASH_FILE'>): string | undefined {
  if (hash !== undefined || file === undefined || !existsSync(file)) return hash;
  const text = readFileSync(file, 'utf8').trim();
  if (ROSTER_HASH.test(text)) return text;
  throw new InvalidInputError(file, [{ path: '(file)', message: 'holds no roster hash' }]);
}

/**
 * Reads the environment once; every problem at once, each with its variable. The result is frozen. A variable may also
 * come as the name of a file that holds it, `<NAME>_FILE`, as secrets are mounted.
 */
export function parseEnvironment<T extends z.ZodType>(
  schema: T,
  environment: Readonly<Record<string, string | undefined>>,
  service: string,
): Readonly<z.infer<T>> {
  const parsed = schema.safeParse(withFiles(environment, keysOf(schema), service));
  if (parsed.success) return Object.freeze(parsed.data) as Readonly<z.infer<T>>; // frozen data of the schema's own type
  throw new InvalidInputError(
    `the environment of ${service}`,
    parsed.error.issues.map((issue) => ({
      path: issue.path.join('.'),
      // What a schema says of its own of a variable that is missing; else the library speaks of types.
      message:
        issue.code === 'invalid_type' && issue.message.startsWith('Invalid input')
          ? 'is not set'
          : issue.message,
    })),
  );
}

/** The environment with a folder of `EK_HOME` for each variable that is not set; nothing where no home is. Nobody's working directory. */
export function foldersOfHome(
  environment: Readonly<Record<string, string | undefined>>,
  folders: Readonly<Record<string, string>>,
): Readonly<Record<string, string | undefined>> {
  const { EK_HOME: home } = environment;
  if (home === undefined || home === '') return environment;
  const under = Object.entries(folders).flatMap(([name, folder]) =>
    [environment[name], environment[`${name}_FILE`]].some((set) => set !== undefined && set !== '')
      ? []
      : [[name, join(home, folder)] as const],
  );
  return { ...environment, ...Object.fromEntries(under) };
}

function keysOf(schema: z.ZodType): readonly string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

/**
 * What is set, with the contents of `<NAME>_FILE` as `NAME` for each of `names`, unless a schema knows such a variable
 * itself. Throws `INPUT.INVALID` where both are set, or the file cannot be read or is empty.
 */
export function withFiles(
  environment: Readonly<Record<string, string | undefined>>,
  names: readonly string[],
  service: string,
): Record<string, string> {
  const given: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment))
    if (value !== undefined && value !== '') given[name] = value;
  const problems: { path: string; message: string }[] = [];
  for (const name of names) {
    const variable = `${name}_FILE`;
    const path = given[variable];
    if (path === undefined || names.includes(variable)) continue;
    const text = contentsOf(path);
    if (given[name] !== undefined)
      problems.push({ path: variable, message: `is set, and so is ${name}: give one of them` });
    else if (text === undefined) problems.push({ path: variable, message: `${path} cannot be read` });
    else if (text === '') problems.push({ path: variable, message: `${path} is empty` });
    else given[name] = text;
  }
  if (problems.length > 0) throw new InvalidInputError(`the environment of ${service}`, problems);
  return given;
}

function contentsOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}
