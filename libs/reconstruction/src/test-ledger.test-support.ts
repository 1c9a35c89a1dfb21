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
import { encodeCommit, sealWith } from '@evenkeel/contracts';
import { isBoot } from '@evenkeel/engine';
import { aggregateKey, subjectOf } from '@evenkeel/eventing';
import type { StoredCommit } from '@evenkeel/eventing';
import { sha256, toHex } from '@evenkeel/kernel';
import { SignedEpoch, signerNamed } from '@evenkeel/testkit';
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

/** The same journal as services write it: keys enrolled first, every commit under a lease and signed by its service. */
export function asSignedEpoch(journal: readonly StoredCommit[]): StoredCommit[] {
  const opening = new SignedEpoch('1').opening();
  const { partition, aggregate: keys } = opening.commit;
  const heads = new Map<string, Uint8Array>();
  const signed = journal.map((stored): StoredCommit => {
    const { causation, aggregate, producer } = stored.commit;
    const boot = isBoot(stored.commit);
    const service = boot ? 'keel' : aggregate.context === 'price' ? 'price-ingest' : aggregate.context;
    const key = aggregateKey(aggregate);
    const commit = {
      ...stored.commit,
      epoch: '1',
      producer: { ...producer, service },
      prevHash: heads.get(key) ?? new Uint8Array(0),
      causation:
        causation.stream === 'EK_JOURNAL_lab'
          ? { ...causation, stream: 'EK_JOURNAL_1', seq: causation.seq + 1n }
          : causation,
      ...(boot || aggregate.context === 'price' ? {} : { fencingToken: 1n }),
    };
    const sealed = sealWith({ signer: signerNamed(service) })(commit);
    heads.set(key, sealed.hash);
    return { ...sealed, seq: stored.seq + 1, subject: stored.subject };
  });
  return [{ ...opening, seq: 1, subject: subjectOf(partition, keys) }, ...signed];
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
