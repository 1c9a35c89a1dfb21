import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { NatsConnection } from '@nats-io/nats-core';
import type { Pool } from 'pg';
import {
  ArchiveFolder,
  AuditFolder,
  headOfNote,
  openArchive,
  restoreAuditFolder,
  verifyArchive,
} from '@evenkeel/adapter-audit';
import { currentEpoch, journalCommits, journalStreams, removeJournal } from '@evenkeel/adapter-nats';
import {
  LedgerToDetach,
  LedgerToRebuild,
  LedgerToVerify,
  createLedgerPool,
  readTreeEpochs,
} from '@evenkeel/adapter-postgres';
import { detachEpoch, retireEpoch } from '@evenkeel/desk';
import type { DetachedRows, RetiredEpoch } from '@evenkeel/desk';
import { MerkleFrontier, leafHashOf } from '@evenkeel/audit';
import { InvalidInputError, sha256, toHex } from '@evenkeel/kernel';
import { rebuildLedger } from '@evenkeel/reconstruction';
import type { KeptCheckpoint, LedgerRebuild, PublishedCommit } from '@evenkeel/reconstruction';

export interface AuditPlaces {
  readonly auditDir: string;
  readonly archiveDir: string;
}

/** `retireEpoch` with this server, this ledger and these folders. */
export async function retireOn(
  connection: NatsConnection,
  pool: Pool,
  epoch: string,
  { auditDir, archiveDir }: AuditPlaces,
): Promise<RetiredEpoch> {
  const stream = (await journalStreams(connection)).find((one) => one.epoch === epoch);
  const open = (await currentEpoch(connection)).epoch === epoch;
  const journal = stream && {
    lastSeq: stream.lastSeq,
    open,
    messages: () => journalCommits(connection, stream),
    remove: () => removeJournal(connection, stream),
  };
  const folder = AuditFolder.open(auditDir);
  return retireEpoch(epoch, journal, new LedgerToVerify(pool), {
    place: async () => (await readTreeEpochs(pool)).find((one) => one.epoch === epoch),
    witnessedSize: () => folder.cosignedCheckpoints().reduce((most, { size }) => Math.max(most, size), 0),
    async archive() {
      const store = new ArchiveFolder(archiveDir);
      const report = await verifyArchive(store, { keys: folder.identity.keys });
      const problems = report.defects.map(({ where, message }) => `the archive: ${where}: ${message}`);
      return { size: report.status === 'clean' ? (await openArchive(store)).size : 0, problems };
    },
  });
}

/** `detachEpoch` with this server, this database by its owner's address, and these folders. */
export async function detachOn(
  connection: NatsConnection,
  databaseUrl: string,
  epoch: string,
  { auditDir, archiveDir }: AuditPlaces,
  drop: boolean,
): Promise<DetachedRows> {
  const pool = createLedgerPool({ url: databaseUrl, max: 1, statementTimeoutMs: 0 });
  try {
    const ledger = new LedgerToDetach(databaseUrl, pool);
    const kept = {
      hasJournal: async () => (await journalStreams(connection)).some((one) => one.epoch === epoch),
      rootAt: (size: number) => archivedRoot(auditDir, archiveDir, size),
    };
    return await detachEpoch(epoch, ledger, kept, drop);
  } finally {
    await pool.end();
  }
}

async function archivedRoot(
  auditDir: string,
  archiveDir: string,
  size: number,
): Promise<{ root?: string; problems: readonly string[] }> {
  const store = new ArchiveFolder(archiveDir);
  const report = await verifyArchive(store, { keys: AuditFolder.open(auditDir).identity.keys });
  if (report.status !== 'clean')
    return { problems: report.defects.map(({ where, message }) => `the archive: ${where}: ${message}`) };
  const frontier = new MerkleFrontier();
  for await (const { epoch, seq, bytes } of (await openArchive(store)).commits()) {
    frontier.append(leafHashOf({ epoch, seq, commitHash: toHex(sha256(bytes)) }));
    if (frontier.size === size) return { root: toHex(frontier.root()), problems: [] };
  }
  return { problems: [] };
}

export interface RebuildRequest {
  readonly databaseUrl: string;
  readonly auditDir: string;
  /** The journals of a NATS server, or an archive. */
  readonly from: { readonly journal: NatsConnection } | { readonly archive: string };
  readonly drop: boolean;
  readonly onProgress?: (done: number) => void;
}

export interface RebuiltLedger extends LedgerRebuild {
  /** Whether the audit folder had to be made from the archive as well. */
  readonly auditRestored: boolean;
}

/** `rebuildLedger` with this database and what it is to be built from. */
export async function rebuildOn(request: RebuildRequest): Promise<RebuiltLedger> {
  const { databaseUrl, auditDir, from, drop, onProgress } = request;
  const ledger = new LedgerToRebuild(databaseUrl);
  let auditRestored = false;
  let commits: () => AsyncIterable<PublishedCommit>;
  if ('archive' in from) {
    const archive = await openArchive(new ArchiveFolder(from.archive));
    commits = () => archive.commits();
    if (!existsSync(join(auditDir, 'log.json'))) {
      await restoreAuditFolder(auditDir, archive);
      auditRestored = true;
    }
  } else commits = await everyJournal(from.journal);
  const rebuilt = await rebuildLedger({
    ledger,
    commits,
    checkpoints: checkpointsIn(auditDir),
    drop,
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  return { ...rebuilt, auditRestored };
}

async function everyJournal(connection: NatsConnection): Promise<() => AsyncIterable<PublishedCommit>> {
  const journals = await journalStreams(connection);
  if (journals.length === 0)
    throw new InvalidInputError('the command', [
      { path: '--from', message: 'this NATS server holds no journal' },
    ]);
  return async function* () {
    for (const journal of journals) yield* journalCommits(connection, journal);
  };
}

function checkpointsIn(auditDir: string): readonly KeptCheckpoint[] {
  if (!existsSync(join(auditDir, 'log.json'))) return [];
  return AuditFolder.open(auditDir)
    .checkpoints()
    .flatMap((record) => {
      const head = headOfNote(record.note);
      return head === undefined ? [] : [{ record, head }];
    });
}
