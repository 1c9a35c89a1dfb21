import type { Pool } from 'pg';
import { ArchiveFolder, AuditFolder, writeArchive } from '@evenkeel/adapter-audit';
import type { ArchiveResult, ArchivedCommit } from '@evenkeel/adapter-audit';
import { ledgerCommitsBetween, readTreeEpochs } from '@evenkeel/adapter-postgres';

/** Archives what is signed for and not archived yet. */
export function archiveLedger(
  pool: Pool,
  auditDir: string,
  archiveDir: string,
  onProgress?: (done: number, total: number) => void,
): Promise<ArchiveResult> {
  const folder = AuditFolder.open(auditDir);
  return writeArchive(
    new ArchiveFolder(archiveDir),
    {
      identity: folder.identity,
      checkpoints: folder.checkpoints(),
      cosigned: folder.cosignedCheckpoints(),
      commits: (from, until) => commitsOf(pool, from, until),
    },
    onProgress === undefined ? {} : { onProgress },
  );
}

/** Commits by leaf, as published. */
async function* commitsOf(pool: Pool, from: number, until: number): AsyncIterable<ArchivedCommit> {
  for (const { epoch, firstIndex, commits } of await readTreeEpochs(pool)) {
    const first = Math.max(1, from - firstIndex + 1);
    const last = Math.min(commits, until - firstIndex);
    if (first <= last) yield* ledgerCommitsBetween(pool, epoch, first, last);
  }
}
