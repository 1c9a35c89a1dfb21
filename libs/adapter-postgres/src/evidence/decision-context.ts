import type { DecisionPoint, ExposurePoint, DecisionContext } from '@evenkeel/reconstruction';
import type { Pool } from 'pg';

const BEFORE = 90;
const AFTER = 60;

/** What happened to a book around a sequence, from the read models. */
export async function decisionContextOf(
  pool: Pool,
  epoch: string,
  book: string,
  seq: number,
): Promise<DecisionContext> {
  const near = await pool.query<ExposurePoint & { underlying: string }>(
    `WITH near AS (
       (SELECT seq, event_index, at, hedged, unhedged FROM read_v2.pnl WHERE epoch = $1 AND book = $2 AND seq < $3 ORDER BY seq DESC LIMIT ${BEFORE})
       UNION ALL
       (SELECT seq, event_index, at, hedged, unhedged FROM read_v2.pnl WHERE epoch = $1 AND book = $2 AND seq >= $3 ORDER BY seq LIMIT ${AFTER}))
     SELECT e.seq, e.underlying, (extract(epoch FROM n.at) * 1000)::float8 AS at, e.delta, e.spot,
            n.hedged::float8 AS hedged, n.unhedged::float8 AS unhedged
       FROM near n JOIN read_v2.exposures e ON e.epoch = $1 AND e.seq = n.seq AND e.event_index = n.event_index
      ORDER BY e.seq`,
    [epoch, book, seq],
  );
  const underlyings = new Map<string, ExposurePoint[]>();
  for (const { underlying, ...point } of near.rows)
    underlyings.set(underlying, [...(underlyings.get(underlying) ?? []), point]);
  const first = near.rows[0]?.seq ?? seq;
  const last = near.rows[near.rows.length - 1]?.seq ?? seq;
  const decisions = await pool.query<DecisionPoint>(
    `SELECT seq, (extract(epoch FROM at) * 1000)::float8 AS at, outcome, assessments FROM read_v2.decisions
      WHERE epoch = $1 AND book = $2 AND seq BETWEEN
            coalesce((SELECT max(seq) FROM read_v2.decisions WHERE epoch = $1 AND book = $2 AND seq < $3), $3) AND $4
      ORDER BY seq`,
    [epoch, book, first, Math.max(last, seq)],
  );
  return { underlyings, decisions: decisions.rows };
}
