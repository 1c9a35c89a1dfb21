import type { FrontierRecord } from '@evenkeel/audit';
import { EvenkeelError } from '@evenkeel/kernel';
import { detachedText } from '@evenkeel/reconstruction';
import type { DetachedEpoch } from '@evenkeel/verification';
import type { ClientBase } from 'pg';

type Queryable = Pick<ClientBase, 'query'>;

/** The epochs whose rows have left the database, oldest first: always the first ones of the tree. */
export async function readDetachedEpochs(client: Queryable): Promise<readonly DetachedEpoch[]> {
  const { rows } = await client.query<{ epoch: string; commits: number; detachedAt: Date }>(
    `SELECT epoch, commits, detached_at AS "detachedAt" FROM ledger.detached_epoch ORDER BY first_index`,
  );
  return rows.map((row) => ({ ...row, detachedAt: row.detachedAt.toISOString() }));
}

/** The tree over what has left; `undefined` where nothing has. */
export async function detachedTree(client: Queryable): Promise<FrontierRecord | undefined> {
  const { rows } = await client.query<FrontierRecord>(
    'SELECT first_index + commits AS size, nodes FROM ledger.detached_epoch ORDER BY first_index DESC LIMIT 1',
  );
  return rows[0];
}

/** Throws `LEDGER.EPOCH_DETACHED` for an epoch whose rows have left: nobody reads half of them as all. */
export async function assertAttached(client: Queryable, epoch: string): Promise<void> {
  const found = (await readDetachedEpochs(client)).find((one) => one.epoch === epoch);
  if (found === undefined) return;
  throw new EvenkeelError({ code: 'LEDGER.EPOCH_DETACHED', message: `${detachedText([found])}.` });
}

/** To follow on a sentence about something that is not there; empty where nothing has left. */
export async function unlessDetached(client: Queryable): Promise<string> {
  const detached = await readDetachedEpochs(client);
  return detached.length === 0 ? '' : ` ${detachedText(detached)}.`;
}
