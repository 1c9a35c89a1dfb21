import type { Pool } from 'pg';
import type { NatsConnection } from '@nats-io/nats-core';
import { compareJournal, readTreeEpochs } from '@evenkeel/adapter-postgres';
import type { LedgerFinding } from '@evenkeel/adapter-postgres';
import { blockFindings } from '../archive/block-files';
import { journalCommits, journalStreams } from '../archive/journal-commits';

/**
 * Holds every journal on the server against the ledger: each message by its hash, and the block files against what the
 * server counts, where its folder can be read.
 */
export async function checkJournals(
  connection: NatsConnection,
  pool: Pool,
  storeDir: string,
): Promise<readonly LedgerFinding[]> {
  const findings: LedgerFinding[] = [];
  const taken = new Map((await readTreeEpochs(pool)).map(({ epoch, commits }) => [epoch, commits]));
  for (const journal of await journalStreams(connection)) {
    const messages = journalCommits(connection, journal);
    findings.push(...(await compareJournal(pool, journal.epoch, taken.get(journal.epoch) ?? 0, messages)));
    findings.push(...blockFindings(storeDir, journal));
  }
  return findings;
}
