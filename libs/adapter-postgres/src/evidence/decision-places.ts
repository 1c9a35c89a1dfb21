import { assertAttached, unlessDetached } from '../ledger/detached-epochs';
import { EvenkeelError, InvalidInputError } from '@evenkeel/kernel';
import type { DecisionPlace } from '@evenkeel/reconstruction';
import type { Pool } from 'pg';

const RANGE = /^(\d+)\.\.(\d+)$/;
const COLUMNS = 'd.epoch, d.seq, d.decision_id AS "decisionId", d.book';

/**
 * The decisions that `what` names: the beginning of an id that names one, or a range of sequences `FROM..TO`, both
 * included. Throws `LEDGER.NO_SUCH_DECISION`, `LEDGER.AMBIGUOUS_DECISION`, `AUDIT.NOTHING_TO_EXPORT`.
 */
export async function decisionsIn(
  pool: Pool,
  what: string,
  epoch?: string,
): Promise<readonly DecisionPlace[]> {
  if (epoch !== undefined) await assertAttached(pool, epoch);
  const range = RANGE.exec(what);
  return range === null
    ? [await oneDecision(pool, what, epoch)]
    : decisionsBetween(pool, Number(range[1]), Number(range[2]), epoch);
}

async function decisionsBetween(
  pool: Pool,
  from: number,
  to: number,
  epoch: string | undefined,
): Promise<readonly DecisionPlace[]> {
  if (from > to)
    throw new InvalidInputError('the command', [{ path: 'range', message: `${from}..${to} runs backwards` }]);
  const { rows } = await pool.query<DecisionPlace>(
    `SELECT ${COLUMNS} FROM read_v2.decisions d
      WHERE d.epoch = coalesce($3, (SELECT epoch FROM ledger.checkpoint ORDER BY updated_at DESC LIMIT 1))
        AND d.seq BETWEEN $1 AND $2 ORDER BY d.seq`,
    [from, to, epoch ?? null],
  );
  if (rows.length === 0) {
    throw new EvenkeelError({
      code: 'AUDIT.NOTHING_TO_EXPORT',
      message: `there is no decision between sequences ${from} and ${to}`,
    });
  }
  return rows;
}

async function oneDecision(pool: Pool, id: string, epoch: string | undefined): Promise<DecisionPlace> {
  const { rows } = await pool.query<DecisionPlace>(
    `SELECT ${COLUMNS} FROM read_v2.decisions d JOIN ledger.checkpoint c USING (epoch)
      WHERE starts_with(d.decision_id, $1) AND ($2::text IS NULL OR d.epoch = $2)
      ORDER BY c.updated_at DESC, d.epoch DESC, d.seq LIMIT 20`,
    [id, epoch ?? null],
  );
  const [first] = rows;
  if (id === '' || first === undefined) {
    throw new EvenkeelError({
      code: 'LEDGER.NO_SUCH_DECISION',
      message: `There is no decision ${id} in the ledger; \`keel audit list\` shows those there are.${await unlessDetached(pool)}`,
    });
  }
  if (new Set(rows.map(({ decisionId }) => decisionId)).size > 1) {
    throw new EvenkeelError({
      code: 'LEDGER.AMBIGUOUS_DECISION',
      message: `${id} is the beginning of several decisions; give more of it`,
    });
  }
  return first;
}
