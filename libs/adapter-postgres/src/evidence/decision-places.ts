import { decisionToRead } from '@evenkeel/reconstruction';
import type { DecisionPlace, DecisionToRead, JournalRange } from '@evenkeel/reconstruction';
import type { ClientBase } from 'pg';
import { assertAttached, unlessDetached } from '../ledger/detached-epochs';
import { readTreeEpochs } from '../ledger/ledger-tree';
import { EVENT_TIME } from './ledger-epochs';

type Queryable = Pick<ClientBase, 'query'>;

/** Of each epoch: enough to name some where an id is the beginning of several. */
const NAMED_PER_EPOCH = 4;

/** The decision that an id, or the beginning of one, names. Throws what `decisionToRead` throws, `LEDGER.EPOCH_DETACHED`. */
export async function decisionNamed(
  client: Queryable,
  id: string,
  epoch: string | undefined,
): Promise<DecisionToRead> {
  if (epoch !== undefined) await assertAttached(client, epoch);
  const { rows } = await client.query<DecisionPlace>(
    `SELECT d.epoch, d.seq, d."decisionId", d.book
       FROM (SELECT epoch, seq, decision_id AS "decisionId", book, row_number() OVER (PARTITION BY epoch ORDER BY seq) AS place
               FROM read_v2.decisions WHERE starts_with(decision_id, $1)) d
       JOIN ledger.tree_epoch e USING (epoch)
      WHERE d.place <= ${NAMED_PER_EPOCH} ORDER BY e.first_index, d.seq`,
    [id],
  );
  return decisionToRead({
    id,
    newestEpoch: (await readTreeEpochs(client)).at(-1)?.epoch ?? '',
    found: rows,
    note: await unlessDetached(client),
    ...(epoch === undefined ? {} : { epoch }),
  });
}

/** The decisions of a stretch of an epoch, in their order. */
export async function decisionsIn(
  client: Queryable,
  epoch: string,
  range: JournalRange,
): Promise<readonly DecisionPlace[]> {
  const [where, first, last] =
    range.kind === 'sequences'
      ? ['d.seq BETWEEN $2 AND $3', range.first, range.last]
      : [
          `${EVENT_TIME} >= $2 AND ${EVENT_TIME} < $3 AND l.epoch = $1`,
          range.from.toString(),
          range.to.toString(),
        ];
  const { rows } = await client.query<DecisionPlace>(
    `SELECT d.epoch, d.seq, d.decision_id AS "decisionId", d.book
       FROM read_v2.decisions d JOIN ledger.commit_log l USING (epoch, seq)
      WHERE d.epoch = $1 AND ${where} ORDER BY d.seq`,
    [epoch, first, last],
  );
  return rows;
}
