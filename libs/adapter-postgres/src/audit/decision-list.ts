import type { Pool } from 'pg';

export interface DecisionFilter {
  readonly epoch?: string;
  readonly book?: string;
  /** Event time, inclusive, ISO 8601. */
  readonly from?: string;
  /** Event time, exclusive. */
  readonly to?: string;
  readonly outcome?: 'HEDGED' | 'DECLINED';
  /** A reason code it must carry, e.g. `BAND_BREACHED`. */
  readonly reason?: string;
  /** An instrument it trades. */
  readonly instrument?: string;
  /** Newest first when true; default oldest first. */
  readonly newestFirst?: boolean;
  /** Default 100. */
  readonly limit?: number;
}

export interface DecisionSummary {
  readonly epoch: string;
  readonly seq: number;
  readonly decisionId: string;
  readonly book: string;
  readonly at: string;
  readonly outcome: string;
  readonly policyKind: string;
  readonly reasons: readonly string[];
  readonly trades: readonly {
    readonly instrument: string;
    readonly quantity: string;
    readonly referencePrice: string;
  }[];
  readonly quietEvaluations: number;
  /** Orders that came of it, by status. */
  readonly orders: readonly {
    readonly clientOrderId: string;
    readonly status: string;
    readonly filled: string;
  }[];
}

interface DecisionRow extends Omit<DecisionSummary, 'at' | 'orders'> {
  readonly at: Date;
  readonly orders: DecisionSummary['orders'] | null;
}

const DEFAULT_LIMIT = 100;

/** Decisions to hedge and not to hedge, filtered, in order of the log. */
export async function listDecisions(
  pool: Pool,
  filter: DecisionFilter = {},
): Promise<readonly DecisionSummary[]> {
  const values: unknown[] = [];
  const conditions: string[] = [];
  const where = (sql: string, value: unknown): void => {
    if (value === undefined) return;
    values.push(value);
    conditions.push(sql.replace('?', `$${values.length}`));
  };
  where('d.epoch = ?', filter.epoch);
  where('d.book = ?', filter.book);
  where('d.at >= ?::timestamptz', filter.from);
  where('d.at < ?::timestamptz', filter.to);
  where('d.outcome = ?', filter.outcome);
  where('d.reasons @> ARRAY[?]', filter.reason);
  where('? = ANY(d.instruments)', filter.instrument);
  values.push(filter.limit ?? DEFAULT_LIMIT);
  const direction = filter.newestFirst === true ? 'DESC' : 'ASC';
  const result = await pool.query<DecisionRow>(
    `SELECT d.epoch, d.seq, d.decision_id AS "decisionId", d.book, d.at, d.outcome, d.policy_kind AS "policyKind", d.reasons, d.trades,
            d.quiet_evaluations AS "quietEvaluations",
            (SELECT jsonb_agg(jsonb_build_object('clientOrderId', o.client_order_id, 'status', o.status, 'filled', o.filled::text)
                              ORDER BY o.intended_seq)
               FROM read_v2.orders o WHERE o.epoch = d.epoch AND o.decision_id = d.decision_id) AS orders
       FROM read_v2.decisions d ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`}
      ORDER BY d.epoch ${direction}, d.seq ${direction} LIMIT $${values.length}`,
    values,
  );
  return result.rows.map((row) => ({ ...row, at: row.at.toISOString(), orders: row.orders ?? [] }));
}
