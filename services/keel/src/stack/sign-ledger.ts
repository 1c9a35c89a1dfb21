import { AuditTrail, openLogOver, readLogIdentity } from '@evenkeel/adapter-audit';
import {
  keepSignedCheckpoint,
  newestCheckpointNumber,
  readLeaves,
  readSignedCheckpoints,
  readTree,
} from '@evenkeel/adapter-postgres';
import { headOfNote } from '@evenkeel/adapter-audit';
import type { SignedHead } from '@evenkeel/desk';
import { required, toHex } from '@evenkeel/kernel';
import type { Pool } from 'pg';
import { logOf } from './signed-history';

/**
 * The newest head of the ledger's tree. Where the ledger service died before it could sign its last rows, they are signed now,
 * with the ledger's own key, as its service would at its next start; without the key the newest head is an older one.
 */
export async function signedEnd(pool: Pool, auditDir: string): Promise<SignedHead | undefined> {
  const newest = (await readSignedCheckpoints(pool)).at(-1);
  const head = newest === undefined ? undefined : headOfNote(newest.note);
  const { size } = await readTree(pool);
  if (newest !== undefined && head !== undefined && head.size >= size) return { head, note: newest.note };
  if (readLogIdentity(auditDir) !== undefined) return signRest(pool, auditDir);
  return newest === undefined || head === undefined ? undefined : { head, note: newest.note };
}

async function signRest(pool: Pool, folder: string): Promise<SignedHead> {
  const { identity, signer } = await openLogOver(logOf(folder), {
    ledger: await readSignedCheckpoints(pool),
    stream: [],
  });
  const trail = await AuditTrail.open({ origin: identity.origin, folder, signers: [signer] });
  for await (const { epoch, seq, hash } of readLeaves(pool, trail.size))
    trail.append({ epoch, seq, commitHash: toHex(hash) });
  if (trail.waiting > 0) await trail.sign(Math.floor(Date.now() / 1000));
  const records = trail.checkpoints();
  for (const record of records.slice(await newestCheckpointNumber(pool)))
    await keepSignedCheckpoint(
      pool,
      record,
      required(headOfNote(record.note), 'the head of a kept checkpoint'),
    );
  const newest = required(records.at(-1), 'a checkpoint');
  return { head: required(headOfNote(newest.note), 'the head of a kept checkpoint'), note: newest.note };
}
