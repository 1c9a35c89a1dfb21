import { join } from 'node:path';
import type { LeafFacts } from '@evenkeel/audit';
import { sha256, toHex } from '@evenkeel/kernel';
import { AuditTrail } from '../audit-trail';
import { CosignedFile } from '../cosigned-file';
import { readLogIdentity, saveLogIdentity } from '../log-identity';
import type { OpenedArchive } from './read-archive';

/**
 * An audit folder out of an archive: the log's public keys, what was signed and cosigned, and the tree anew from the
 * commits. The signing key is in no archive. Throws an `IntegrityFault` when the commits do not give the signed head, or
 * when the folder already holds another history; returns the root, in hex.
 */
export async function restoreAuditFolder(folder: string, archive: OpenedArchive): Promise<string> {
  if (readLogIdentity(folder) === undefined) saveLogIdentity(folder, archive.identity);
  const settings = { origin: archive.identity.origin, folder, signers: [] };
  await AuditTrail.restoreHistory(settings, archive.checkpoints);
  const cosigned = new CosignedFile(join(folder, 'cosigned.jsonl'));
  for (const checkpoint of archive.cosigned.slice(cosigned.all().length)) cosigned.append(checkpoint);
  const trail = await AuditTrail.rebuild(settings, leavesOf(archive));
  return toHex(trail.root());
}

async function* leavesOf(archive: OpenedArchive): AsyncIterable<LeafFacts> {
  for await (const { epoch, seq, bytes } of archive.commits())
    yield { epoch, seq, commitHash: toHex(sha256(bytes)) };
}
