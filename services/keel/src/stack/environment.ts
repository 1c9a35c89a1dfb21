import type { Durability } from '@evenkeel/adapter-nats';
import { commitOfCheckout, parseEnvironment } from '@evenkeel/config';
import { z } from 'zod';

const schema = z.object({
  /** A NATS server of somebody else's, instead of the one in the home folder. @secret */
  NATS_URL: z.string().optional(),
  /** The ledger service's login of somebody else's PostgreSQL, instead of the one in the home folder. @secret */
  DATABASE_URL: z.string().optional(),
  /** The owner's login of that database, for migrations; `DATABASE_URL` unless told. @secret */
  EK_MIGRATE_DATABASE_URL: z.string().optional(),
  /** What an acknowledgement survives: `unsynced` makes the embedded server quicker, for tapes whose record may be lost. */
  EK_DURABILITY: z
    .enum(['synced', 'replicated', 'unsynced'], { error: 'must be synced, replicated or unsynced' })
    .optional(),
  /** Commit of the build, for the record; that of the git checkout it runs from unless told, or `unknown`. */
  EK_GIT_SHA: z.string().default(() => commitOfCheckout()),
  /**
   * `optional`: one person may do all; `required`: books too open only with a second person. Unset: whatever loosens needs one,
   * and books do where a real venue trades.
   */
  EK_GOVERNANCE: z.enum(['optional', 'required'], { error: 'must be optional or required' }).optional(),
  /** `optional`: also epochs whose commits nobody signed are read. */
  EK_SIGNATURES: z
    .enum(['required', 'optional'], { error: 'must be required or optional' })
    .default('required'),
  /** The desk's signing key, when not in the home folder. */
  EK_COMMIT_KEY_FILE: z.string().optional(),
  /** Files that show who agreed to books, for commands without a flag of their own; comma-separated. */
  EK_APPROVALS: z.string().default(''),
  /** Execution processes that a person may ask directly to stop; comma-separated. */
  EK_EXECUTION_URLS: z.string().default(''),
  /** Where the archive lies, when not in the home folder. */
  EK_ARCHIVE_DIR: z.string().optional(),
});

export interface Settings {
  readonly natsUrl: string | undefined;
  /** What this process itself reads and migrates with. */
  readonly databaseUrl: string | undefined;
  /** What the ledger service writes with. */
  readonly ledgerUrl: string | undefined;
  readonly durability: Durability | undefined;
  readonly gitSha: string;
  readonly governance: 'optional' | 'required' | undefined;
  readonly signaturesRequired: boolean;
  readonly commitKeyFile: string | undefined;
  readonly approvals: readonly string[];
  readonly archiveDir: string | undefined;
  readonly executionUrls: string;
}

/** What an acknowledgement of our own server survives: it is one server, so it syncs or it does not. */
export function embeddedDurability({ durability }: Settings): 'synced' | 'unsynced' {
  return durability === 'unsynced' ? 'unsynced' : 'synced';
}

/** What the command line reads from its environment, besides where its home is. An empty variable counts as absent. */
export function settings(environment: Readonly<Record<string, string | undefined>> = process.env): Settings {
  const read = parseEnvironment(schema, environment, 'keel');
  return {
    natsUrl: read.NATS_URL,
    databaseUrl: read.EK_MIGRATE_DATABASE_URL ?? read.DATABASE_URL,
    ledgerUrl: read.DATABASE_URL,
    durability: read.EK_DURABILITY,
    gitSha: read.EK_GIT_SHA,
    governance: read.EK_GOVERNANCE,
    signaturesRequired: read.EK_SIGNATURES === 'required',
    commitKeyFile: read.EK_COMMIT_KEY_FILE,
    archiveDir: read.EK_ARCHIVE_DIR,
    executionUrls: read.EK_EXECUTION_URLS,
    approvals: read.EK_APPROVALS.split(',').filter((path) => path !== ''),
  };
}
