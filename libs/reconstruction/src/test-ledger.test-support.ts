import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AuditFolder, AuditTrail, openLog } from '@evenkeel/adapter-audit';
import {
  createLedgerPool,
  createLedgerWriter,
  migrate,
  startEmbeddedPostgres,
} from '@evenkeel/adapter-postgres';
import { encodeCommit } from '@evenkeel/contracts';
import type { StoredCommit } from '@evenkeel/eventing';
import { sha256, toHex } from '@evenkeel/kernel';
import type { Pool } from 'pg';

export interface TestLedger {
  readonly pool: Pool;
  readonly dir: string;
  readonly folder: AuditFolder;
  /** The log's public key. */
  readonly key: string;
  close(): Promise<void>;
}

/**
 * The lab names its journal after itself; a ledger's commits name the stream of their epoch. Hashes are chained anew.
 */
export function asEpoch(journal: readonly StoredCommit[]): StoredCommit[] {
  const heads = new Map<string, Uint8Array>();
  return journal.map((stored) => {
    const { causation, aggregate, epoch } = stored.commit;
    const key = `${aggregate.context}/${aggregate.type}/${aggregate.id}`;
    const commit = {
      ...stored.commit,
      prevHash: heads.get(key) ?? new Uint8Array(0),
      causation: {
        ...causation,
        stream: causation.stream === 'EK_JOURNAL_lab' ? `EK_JOURNAL_${epoch}` : causation.stream,
      },
    };
    const bytes = encodeCommit(commit);
    const hash = sha256(bytes);
    heads.set(key, hash);
    return { ...stored, commit, bytes, hash };
  });
}

/** A real ledger over a journal, with its tree, one signed checkpoint and the key that signed it. */
export async function ledgerOf(journal: readonly StoredCommit[]): Promise<TestLedger> {
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-evidence-'));
  const server = await startEmbeddedPostgres({ dir: join(dir, 'postgres'), durability: 'process' });
  await migrate(server.url);
  const pool = createLedgerPool({ url: server.url });
  const writer = createLedgerWriter(pool, { epoch: '1' });
  await writer.append(journal);
  await writer.close();
  const audit = join(dir, 'audit');
  const { identity, signer } = await openLog({ folder: audit });
  const trail = await AuditTrail.open({ origin: identity.origin, folder: audit, signers: [signer] });
  for (const { commit, seq, hash } of journal)
    trail.append({ epoch: commit.epoch, seq, commitHash: toHex(hash) });
  await trail.sign(1_767_225_600);
  return {
    pool,
    dir,
    folder: AuditFolder.open(audit),
    key: identity.keys[0] ?? '',
    async close() {
      await pool.end();
      await server.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
