import { MerkleFrontier, createMerkleHasher } from '@evenkeel/audit';
import type { DetachableLedger, EpochToDetach } from '@evenkeel/desk';
import { required, toHex } from '@evenkeel/kernel';
import { Client } from 'pg';
import type { Pool } from 'pg';
import { READ_TABLE_LIST, READ_VERSION } from '../read/tables';
import { detachedTree, readDetachedEpochs } from './detached-epochs';
import { readLeaves, readTreeEpochs } from './ledger-tree';
import { nativeSha256 } from './native-hash';

const hasher = createMerkleHasher(nativeSha256);

/** The ledger's database by its owner's address. `pool` reads it. */
export class LedgerToDetach implements DetachableLedger {
  constructor(
    private readonly url: string,
    private readonly pool: Pool,
  ) {}

  async find(epoch: string): Promise<EpochToDetach | undefined> {
    const [epochs, detached] = [await readTreeEpochs(this.pool), await readDetachedEpochs(this.pool)];
    const gone = new Set(detached.map((one) => one.epoch));
    const at = epochs.findIndex((one) => one.epoch === epoch);
    const place = epochs[at];
    if (place === undefined) return undefined;
    const older = epochs
      .slice(0, at)
      .map((one) => one.epoch)
      .filter((one) => !gone.has(one));
    return {
      end: place.firstIndex + place.commits,
      commits: place.commits,
      isDetached: gone.has(epoch),
      isLast: at === epochs.length - 1,
      older,
    };
  }

  async rootAt(size: number): Promise<string> {
    return toHex((await this.frontierAt(size)).root());
  }

  async detach(epoch: string, size: number, drop: boolean): Promise<string> {
    const frontier = await this.frontierAt(size);
    const client = new Client({ connectionString: this.url });
    await client.connect();
    try {
      await client.query('BEGIN');
      // Whoever reads for longer is not made to wait behind us with everybody else.
      await client.query(`SET LOCAL lock_timeout = '10s'`);
      const { rows } = await client.query<{ table: string }>(
        'SELECT ledger.detach_epoch($1, $2, $3) AS "table"',
        [epoch, Buffer.from(frontier.root()), frontier.record().nodes],
      );
      const { table } = required(rows[0], 'the name of the partition');
      if (drop) await client.query(`DROP TABLE ledger.${client.escapeIdentifier(table)}`);
      await leaveReadModels(client, epoch);
      await client.query('COMMIT');
      return table;
    } finally {
      await client.end();
    }
  }

  private async frontierAt(size: number): Promise<MerkleFrontier> {
    const before = await detachedTree(this.pool);
    const frontier =
      before === undefined
        ? new MerkleFrontier(hasher)
        : required(MerkleFrontier.restore(before, hasher), 'the tree over what was detached');
    for await (const { leafHash } of readLeaves(this.pool, frontier.size, size)) frontier.append(leafHash);
    return frontier;
  }
}

/** The read models follow from the rows that are there: those of an epoch go with its rows. */
async function leaveReadModels(client: Client, epoch: string): Promise<void> {
  for (const { name } of READ_TABLE_LIST) {
    const table = `"${READ_VERSION}"."${name}"`;
    await client.query(`ALTER TABLE ${table} DISABLE TRIGGER USER`);
    await client.query(`DELETE FROM ${table} WHERE epoch = $1`, [epoch]);
    await client.query(`ALTER TABLE ${table} ENABLE TRIGGER USER`);
  }
}
