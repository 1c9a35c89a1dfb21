import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { NatsConnection } from '@nats-io/nats-core';
import {
  ArchiveFolder,
  AuditFolder,
  headOfNote,
  openArchive,
  restoreAuditFolder,
} from '@evenkeel/adapter-audit';
import type { ArchivedCommit } from '@evenkeel/adapter-audit';
import {
  createLedgerPool,
  dropLedger,
  keepSignedCheckpoint,
  migrate,
  newestCheckpointNumber,
  readModelContents,
  readTree,
  restoreLedger,
} from '@evenkeel/adapter-postgres';
import type { CheckpointRecord, Hash } from '@evenkeel/audit';
import { InvalidInputError, required, toHex } from '@evenkeel/kernel';
import { journalCommits, journalStreams } from './journal-commits';

export interface LedgerImage {
  readonly commits: number;
  /** Root of the tree, hex. */
  readonly root: string;
  readonly tables: readonly { readonly table: string; readonly rows: number; readonly hash: string }[];
}

export interface RebuildOptions {
  readonly databaseUrl: string;
  readonly auditDir: string;
  /** Where the commits come from: the journals of a NATS server, or an archive. */
  readonly from: { readonly journal: NatsConnection } | { readonly archive: string };
  /** Throws the ledger away first; otherwise it must be empty or a beginning of the same history. */
  readonly drop: boolean;
  readonly onProgress?: (done: number) => void;
}

export interface LedgerRebuild {
  readonly read: number;
  readonly before: LedgerImage | undefined;
  readonly after: LedgerImage;
  /** Same root and same read models as before; `undefined` when nothing was there before. */
  readonly identical: boolean | undefined;
  /** Whether the audit folder had to be made from the archive as well. */
  readonly auditRestored: boolean;
}

/** Rebuilds the ledger's database from the journal or from an archive alone, and says whether it is what it was. */
export async function rebuildLedger(options: RebuildOptions): Promise<LedgerRebuild> {
  const { databaseUrl, auditDir, drop } = options;
  await migrate(databaseUrl);
  const before = await imageOf(databaseUrl);
  if (drop) {
    await dropLedger(databaseUrl);
    await migrate(databaseUrl);
  }
  const source = await sourceOf(options);
  let auditRestored = false;
  if (source.archive !== undefined && !existsSync(join(auditDir, 'log.json'))) {
    await restoreAuditFolder(auditDir, source.archive);
    auditRestored = true;
  }
  const records = recordsOf(auditDir);
  const roots = new Map<number, Hash>();
  for (const { note } of records) {
    const head = headOfNote(note);
    if (head !== undefined) roots.set(head.size, head.root);
  }
  const pool = createLedgerPool({ url: databaseUrl, role: 'evenkeel_ledger', max: 2 });
  try {
    const read = await restoreLedger(pool, source.commits, {
      signedRootAt: (size) => roots.get(size),
      ...(options.onProgress === undefined ? {} : { onProgress: options.onProgress }),
    });
    const { size } = await readTree(pool);
    for (const record of records.slice(await newestCheckpointNumber(pool))) {
      const head = required(headOfNote(record.note), 'the head of a kept checkpoint');
      if (head.size <= size) await keepSignedCheckpoint(pool, record, head);
    }
    const after = await imageOf(databaseUrl);
    const identical = before.commits === 0 ? undefined : sameImage(before, after);
    return { read, before: before.commits === 0 ? undefined : before, after, identical, auditRestored };
  } finally {
    await pool.end();
  }
}

async function sourceOf(options: RebuildOptions): Promise<{
  readonly commits: AsyncIterable<ArchivedCommit>;
  readonly archive?: Awaited<ReturnType<typeof openArchive>>;
}> {
  const { from } = options;
  if ('archive' in from) {
    const archive = await openArchive(new ArchiveFolder(from.archive));
    return { commits: archive.commits(), archive };
  }
  const journals = await journalStreams(from.journal);
  if (journals.length === 0) {
    throw new InvalidInputError('the command', [
      { path: '--from', message: 'this NATS server holds no journal' },
    ]);
  }
  return { commits: inOrder(from.journal, journals) };
}

async function* inOrder(
  connection: NatsConnection,
  journals: Awaited<ReturnType<typeof journalStreams>>,
): AsyncIterable<ArchivedCommit> {
  for (const journal of journals) yield* journalCommits(connection, journal);
}

function recordsOf(auditDir: string): readonly CheckpointRecord[] {
  return existsSync(join(auditDir, 'log.json')) ? AuditFolder.open(auditDir).checkpoints() : [];
}

async function imageOf(databaseUrl: string): Promise<LedgerImage> {
  const pool = createLedgerPool({ url: databaseUrl, role: 'evenkeel_reader', max: 1 });
  try {
    const { size, root } = await readTree(pool);
    return { commits: size, root: toHex(root), tables: await readModelContents(pool) };
  } finally {
    await pool.end();
  }
}

function sameImage(a: LedgerImage, b: LedgerImage): boolean {
  return (
    a.commits === b.commits &&
    a.root === b.root &&
    a.tables.every(({ hash, rows }, at) => b.tables[at]?.hash === hash && b.tables[at]?.rows === rows)
  );
}
