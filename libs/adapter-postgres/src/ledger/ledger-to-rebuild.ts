import { toHex } from '@evenkeel/kernel';
import type {
  KeptCheckpoint,
  LedgerImage,
  PublishedCommit,
  RebuildableLedger,
} from '@evenkeel/reconstruction';
import type { Pool } from 'pg';
import { keepSignedCheckpoint, newestCheckpointNumber } from '../audit/checkpoint-table';
import { createLedgerPool } from '../schema/ledger-pool';
import type { LedgerRole } from '../schema/ledger-pool';
import { migrate } from '../schema/migrate';
import { readTree } from './ledger-tree';
import { dropLedger, readModelContents, restoreLedger } from './restore-ledger';
import type { RestoreOptions } from './restore-ledger';

/** The ledger's database by its owner's address. */
export class LedgerToRebuild implements RebuildableLedger {
  constructor(private readonly url: string) {}

  async image(): Promise<LedgerImage> {
    await migrate(this.url);
    return this.as('evenkeel_reader', async (pool) => {
      const { size, root } = await readTree(pool);
      return { commits: size, root: toHex(root), tables: await readModelContents(pool) };
    });
  }

  async drop(): Promise<void> {
    await dropLedger(this.url);
    await migrate(this.url);
  }

  restore(commits: AsyncIterable<PublishedCommit>, options: RestoreOptions): Promise<number> {
    return this.as('evenkeel_ledger', (pool) => restoreLedger(pool, commits, options));
  }

  keepCheckpoints(checkpoints: readonly KeptCheckpoint[]): Promise<void> {
    return this.as('evenkeel_ledger', async (pool) => {
      const { size } = await readTree(pool);
      for (const { record, head } of checkpoints.slice(await newestCheckpointNumber(pool)))
        if (head.size <= size) await keepSignedCheckpoint(pool, record, head);
    });
  }

  private async as<T>(role: LedgerRole, work: (pool: Pool) => Promise<T>): Promise<T> {
    const pool = createLedgerPool({ url: this.url, role, max: 2, statementTimeoutMs: 0 });
    try {
      return await work(pool);
    } finally {
      await pool.end();
    }
  }
}
