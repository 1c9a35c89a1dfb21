import { AuditFolder } from '../audit-folder';
import type { ArchivedCommit } from './archive-format';
import { ArchiveFolder } from './archive-store';
import { writeArchive } from './write-archive';
import type { ArchiveResult } from './write-archive';

/** Archives what is signed for and not archived yet. `commits`: the ledger's, by leaf, the last not included. */
export function archiveLedger(
  commits: (from: number, until: number) => AsyncIterable<ArchivedCommit>,
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
      commits,
    },
    onProgress === undefined ? {} : { onProgress },
  );
}
