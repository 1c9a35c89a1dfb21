import { decodeCommit } from '@evenkeel/contracts';
import { subjectOf } from '@evenkeel/eventing';
import { IntegrityFault } from '@evenkeel/kernel';
import { Client } from 'pg';
import type { Pool } from 'pg';
import { tableContents } from '../read/read-schema';
import type { TableContent } from '../read/read-schema';
import { READ_VERSION } from '../read/tables';
import { createLedgerWriter } from './ledger-writer';
import type { LedgerWriter } from './ledger-writer';
import type { SignedRootAt } from './ledger-tree';
import { LedgerFault } from './faults';
import { quarantinesIn } from './ledger-quarantines';
import type { FindQuarantine } from './passed-over';

const BATCH = 500;

/** A commit from outside the database: off the journal or out of an archive. */
export interface RestoredCommit {
  readonly epoch: string;
  readonly seq: number;
  readonly bytes: Uint8Array;
}

export interface RestoreOptions {
  /** Roots that were signed: another history is refused. */
  readonly signedRootAt?: SignedRootAt;
  /** The same commits once more, from their beginning: a message is quarantined by a fact that lies behind it. */
  readonly again?: () => AsyncIterable<RestoredCommit>;
  readonly onProgress?: (done: number) => void;
}

/**
 * Fills an empty ledger from commits in the order of the tree, through the same writer as the service: every check,
 * the read models, the tree. Commits that are there already are compared and passed over, so it can be broken off and
 * begun again. Returns how many it read.
 */
export async function restoreLedger(
  pool: Pool,
  commits: AsyncIterable<RestoredCommit>,
  options: RestoreOptions = {},
): Promise<number> {
  let writer: LedgerWriter | undefined;
  let epoch: string | undefined;
  let batch: { seq: number; bytes: Uint8Array; subject: string }[] = [];
  let read = 0;
  let quarantines: ReadonlyMap<string, FindQuarantine> | undefined;
  const append = async (): Promise<void> => {
    try {
      await writer?.append(batch);
    } catch (error) {
      if (!(error instanceof LedgerFault) || quarantines !== undefined || options.again === undefined)
        throw error;
      quarantines = await quarantinesIn(options.again());
      writer?.goOn();
      await writer?.append(batch);
    }
  };
  const flush = async (): Promise<void> => {
    if (batch.length > 0) await append();
    batch = [];
    options.onProgress?.(read);
  };
  try {
    for await (const commit of commits) {
      if (commit.epoch !== epoch) {
        await flush();
        await writer?.close();
        const current = commit.epoch;
        epoch = current;
        const { signedRootAt } = options;
        writer = createLedgerWriter(pool, {
          epoch,
          quarantined: (seq, hash) => quarantines?.get(current)?.(seq, hash),
          ...(signedRootAt === undefined ? {} : { signedRootAt }),
        });
      }
      batch.push({ seq: commit.seq, bytes: commit.bytes, subject: subjectOfBytes(commit) });
      read += 1;
      if (batch.length >= BATCH) await flush();
    }
    await flush();
  } finally {
    await writer?.close();
  }
  return read;
}

/** Empty where the bytes name none: the writer says what is wrong with them. */
function subjectOfBytes({ bytes }: RestoredCommit): string {
  try {
    const { partition, aggregate } = decodeCommit(bytes);
    return subjectOf(partition, aggregate);
  } catch (error) {
    if (error instanceof IntegrityFault) return '';
    throw error;
  }
}

/** Rows and content hash of every read model, in the order of their names. */
export async function readModelContents(pool: Pool): Promise<readonly TableContent[]> {
  const client = await pool.connect();
  try {
    return await tableContents(client, READ_VERSION);
  } finally {
    client.release();
  }
}

/** Removes the ledger and its read models from a database, with all they hold; `migrate` then makes them anew, empty. */
export async function dropLedger(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query('SET LOCAL client_min_messages = warning');
    await client.query('DROP SCHEMA IF EXISTS ledger CASCADE');
    await client.query(`DROP SCHEMA IF EXISTS "${READ_VERSION}" CASCADE`);
    await client.query('DROP TABLE IF EXISTS public._prisma_migrations');
    await client.query('COMMIT');
  } finally {
    await client.end();
  }
}
