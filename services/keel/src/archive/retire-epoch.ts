import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { Pool } from 'pg';
import { ArchiveFolder, AuditFolder, openArchive, verifyArchive } from '@evenkeel/adapter-audit';
import { currentEpoch } from '@evenkeel/adapter-nats';
import { compareJournal, readTreeEpochs } from '@evenkeel/adapter-postgres';
import { EvenkeelError, InvalidInputError } from '@evenkeel/kernel';
import { journalCommits, journalStreams } from './journal-commits';

export interface RetiredEpoch {
  readonly epoch: string;
  readonly commits: number;
  readonly archivedSize: number;
  readonly witnessedSize: number;
}

/**
 * Removes the journal of an epoch that is over, once nothing of it can be lost: the ledger holds the same bytes, the
 * archive verifies and reaches past it, and a witness cosigned a tree that holds it. Throws `AUDIT.RETIRE_REFUSED` with
 * every reason there is against it.
 */
export async function retireEpoch(
  connection: NatsConnection,
  pool: Pool,
  epoch: string,
  places: { readonly auditDir: string; readonly archiveDir: string },
): Promise<RetiredEpoch> {
  const journal = (await journalStreams(connection)).find((one) => one.epoch === epoch);
  if (journal === undefined)
    throw new InvalidInputError('the command', [
      { path: 'epoch', message: `there is no journal of epoch ${epoch} on this server` },
    ]);
  const reasons: string[] = [];
  if ((await currentEpoch(connection)).epoch === epoch) reasons.push('it is the epoch that is open');
  const place = (await readTreeEpochs(pool)).find((one) => one.epoch === epoch);
  if (place === undefined || place.commits < journal.lastSeq)
    reasons.push(`the ledger holds ${place?.commits ?? 0} of its ${journal.lastSeq} commits`);
  const end = (place?.firstIndex ?? 0) + journal.lastSeq;
  const differences = await compareJournal(
    pool,
    epoch,
    place?.commits ?? 0,
    journalCommits(connection, journal),
  );
  for (const { message } of differences.slice(0, 5)) reasons.push(message);
  const folder = AuditFolder.open(places.auditDir);
  const witnessedSize = folder.cosignedCheckpoints().reduce((most, { size }) => Math.max(most, size), 0);
  if (witnessedSize < end) reasons.push(`witnesses cosigned ${witnessedSize} commits; it ends at ${end}`);
  const archivedSize = await archivedTo(places.archiveDir, reasons, folder);
  if (archivedSize < end) reasons.push(`${archivedSize} commits are archived; it ends at ${end}`);
  if (reasons.length > 0) {
    throw new EvenkeelError({
      code: 'AUDIT.RETIRE_REFUSED',
      message: `Epoch ${epoch} stays: ${reasons.join('; ')}.`,
    });
  }
  await (await jetstreamManager(connection)).streams.delete(journal.stream);
  return { epoch, commits: journal.lastSeq, archivedSize, witnessedSize };
}

async function archivedTo(dir: string, reasons: string[], folder: AuditFolder): Promise<number> {
  const store = new ArchiveFolder(dir);
  const report = await verifyArchive(store, { keys: folder.identity.keys });
  for (const { where, message } of report.defects.slice(0, 5))
    reasons.push(`the archive: ${where}: ${message}`);
  return report.status === 'clean' ? (await openArchive(store)).size : 0;
}
