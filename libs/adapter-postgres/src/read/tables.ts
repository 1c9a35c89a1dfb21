import type { ProjectedTable } from '@evenkeel/facts';

/** How a column is written; arrays of text as `text[]`. */
export type ColumnType =
  | 'text'
  | 'bigint'
  | 'integer'
  | 'numeric'
  | 'double precision'
  | 'timestamptz'
  | 'date'
  | 'boolean'
  | 'jsonb'
  | 'text[]';

export interface ReadTable {
  readonly name: ReadTableName;
  readonly columns: readonly (readonly [name: string, type: ColumnType])[];
  /** The primary key: what rows are ordered by in content hashes. */
  readonly key: readonly string[];
  /** `log`: rows are added. `state`: the newest row of a key wins. Later events may fill in columns of either. */
  readonly kind: 'log' | 'state';
  /** What later events name a row by, where that is not its key. */
  readonly patchedBy?: readonly string[];
}

export const READ_VERSION = 'read_v2';

/** What events are projected into (`EVENT_TABLE`), what somebody on call wants to see, and the double-entry books. */
export type ReadTableName = ProjectedTable | 'incidents' | 'journal_entries' | 'postings';

const EVENT_KEY = ['epoch', 'seq', 'event_index'];
const EVENT: ReadTable['columns'] = [
  ['epoch', 'text'],
  ['seq', 'bigint'],
  ['event_index', 'integer'],
];

function columns(types: Readonly<Record<string, ColumnType>>): ReadTable['columns'] {
  return Object.entries(types);
}

/** The tables of the read models, columns in the order in which the projector writes them. */
export const READ_TABLES: Readonly<Record<ReadTableName, ReadTable>> = {
  books: {
    name: 'books',
    kind: 'state',
    key: ['epoch', 'book'],
    columns: columns({
      epoch: 'text',
      book: 'text',
      numeraire: 'text',
      opened_at: 'timestamptz',
      opened_seq: 'bigint',
      hedge_instruments: 'text[]',
      specifications: 'text[]',
      file_hash: 'text',
    }),
  },
  policies: {
    name: 'policies',
    kind: 'log',
    key: EVENT_KEY,
    columns: [
      ...EVENT,
      ...columns({
        book: 'text',
        at: 'timestamptz',
        policy: 'jsonb',
        policy_hash: 'text',
        target_delta: 'numeric',
        hedge_instruments: 'text[]',
        actor: 'text',
      }),
    ],
  },
  positions: {
    name: 'positions',
    kind: 'state',
    key: ['epoch', 'book', 'instrument'],
    columns: columns({
      epoch: 'text',
      book: 'text',
      instrument: 'text',
      quantity: 'numeric',
      average_price: 'numeric',
      changed_at: 'timestamptz',
      changed_seq: 'bigint',
    }),
  },
  position_changes: {
    name: 'position_changes',
    kind: 'log',
    key: EVENT_KEY,
    columns: [
      ...EVENT,
      ...columns({
        book: 'text',
        instrument: 'text',
        kind: 'text',
        at: 'timestamptz',
        quantity: 'numeric',
        price: 'numeric',
        position_after: 'numeric',
        cash_currency: 'text',
        cash: 'numeric',
        realised: 'numeric',
        realised_currency: 'text',
        client_order_id: 'text',
        fill_id: 'text',
      }),
    ],
  },
  orders: {
    name: 'orders',
    kind: 'state',
    key: ['epoch', 'client_order_id'],
    columns: columns({
      epoch: 'text',
      client_order_id: 'text',
      decision_id: 'text',
      parent_id: 'text',
      book: 'text',
      venue: 'text',
      instrument: 'text',
      side: 'text',
      quantity: 'numeric',
      limit_price: 'numeric',
      reference_price: 'numeric',
      time_in_force: 'text',
      status: 'text',
      remaining: 'numeric',
      filled: 'numeric',
      notional: 'numeric',
      venue_order_id: 'text',
      reasons: 'text[]',
      late_fills: 'integer',
      intended_at: 'timestamptz',
      changed_at: 'timestamptz',
      intended_seq: 'bigint',
      changed_seq: 'bigint',
    }),
  },
  order_events: {
    name: 'order_events',
    kind: 'log',
    key: EVENT_KEY,
    columns: [...EVENT, ...columns({ client_order_id: 'text', type: 'text', at: 'timestamptz' })],
  },
  fills: {
    name: 'fills',
    kind: 'log',
    key: EVENT_KEY,
    patchedBy: ['epoch', 'client_order_id', 'fill_id'],
    columns: [
      ...EVENT,
      ...columns({
        client_order_id: 'text',
        fill_id: 'text',
        book: 'text',
        instrument: 'text',
        quantity: 'numeric',
        price: 'numeric',
        fee: 'numeric',
        fee_currency: 'text',
        liquidity: 'text',
        at: 'timestamptz',
        late: 'boolean',
        busted_at: 'timestamptz',
        bust_reason: 'text',
      }),
    ],
  },
  parent_orders: {
    name: 'parent_orders',
    kind: 'state',
    key: ['epoch', 'parent_id'],
    columns: columns({
      epoch: 'text',
      parent_id: 'text',
      decision_id: 'text',
      book: 'text',
      venue: 'text',
      instrument: 'text',
      side: 'text',
      quantity: 'numeric',
      reference_price: 'numeric',
      algorithm: 'text',
      urgency: 'double precision',
      started_at: 'timestamptz',
      ends_at: 'timestamptz',
      completed_at: 'timestamptz',
      filled: 'numeric',
      unfilled: 'numeric',
      average_price: 'numeric',
      children: 'integer',
      reason: 'text',
      changed_seq: 'bigint',
    }),
  },
  decisions: {
    name: 'decisions',
    kind: 'log',
    key: EVENT_KEY,
    columns: [
      ...EVENT,
      ...columns({
        decision_id: 'text',
        book: 'text',
        at: 'timestamptz',
        outcome: 'text',
        policy_kind: 'text',
        policy_hash: 'text',
        snapshot_id: 'text',
        reasons: 'text[]',
        instruments: 'text[]',
        trades: 'jsonb',
        assessments: 'jsonb',
        quiet_evaluations: 'integer',
      }),
    ],
  },
  quiet_stretches: {
    name: 'quiet_stretches',
    kind: 'log',
    key: EVENT_KEY,
    columns: [
      ...EVENT,
      ...columns({
        book: 'text',
        evaluations: 'integer',
        from_at: 'timestamptz',
        to_at: 'timestamptz',
        max_band_use: 'double precision',
      }),
    ],
  },
  pnl: {
    name: 'pnl',
    kind: 'log',
    key: EVENT_KEY,
    columns: columns({
      epoch: 'text',
      seq: 'bigint',
      event_index: 'integer',
      snapshot_id: 'text',
      book: 'text',
      at: 'timestamptz',
      trigger: 'text',
      status: 'text',
      positions_version: 'integer',
      unpriced: 'integer',
      equity: 'numeric',
      unhedged: 'numeric',
      hedged: 'numeric',
      options: 'numeric',
      hedge: 'numeric',
      fees: 'numeric',
      funding: 'numeric',
      settlement: 'numeric',
    }),
  },
  exposures: {
    name: 'exposures',
    kind: 'log',
    key: [...EVENT_KEY, 'underlying'],
    columns: columns({
      epoch: 'text',
      seq: 'bigint',
      event_index: 'integer',
      underlying: 'text',
      book: 'text',
      spot: 'double precision',
      spot_status: 'text',
      delta: 'double precision',
      option_delta: 'double precision',
      hedge_delta: 'double precision',
      gamma: 'double precision',
      vega: 'double precision',
      theta: 'double precision',
    }),
  },
  explained_pnl: {
    name: 'explained_pnl',
    kind: 'state',
    key: ['epoch', 'book', 'day', 'underlying'],
    columns: columns({
      epoch: 'text',
      book: 'text',
      day: 'date',
      underlying: 'text',
      numeraire: 'text',
      total: 'numeric',
      delta: 'numeric',
      gamma: 'numeric',
      theta: 'numeric',
      vega: 'numeric',
      vanna: 'numeric',
      volga: 'numeric',
      charm: 'numeric',
      cross: 'numeric',
      rates: 'numeric',
      basis: 'numeric',
      funding: 'numeric',
      fees: 'numeric',
      slippage: 'numeric',
      impact: 'numeric',
      new_trades: 'numeric',
      settlement: 'numeric',
      residual: 'numeric',
      gross: 'numeric',
      unexplained: 'numeric',
      changed_seq: 'bigint',
    }),
  },
  limits: {
    name: 'limits',
    kind: 'log',
    key: EVENT_KEY,
    columns: [
      ...EVENT,
      ...columns({
        book: 'text',
        venue: 'text',
        at: 'timestamptz',
        outcome: 'text',
        limits_version: 'text',
        limits: 'jsonb',
        proposal_id: 'text',
        reasons: 'text[]',
      }),
    ],
  },
  halts: {
    name: 'halts',
    kind: 'state',
    key: ['epoch', 'book', 'kind', 'subject'],
    columns: columns({
      epoch: 'text',
      book: 'text',
      kind: 'text',
      subject: 'text',
      halted: 'boolean',
      reasons: 'text[]',
      changed_by: 'text',
      changed_at: 'timestamptz',
      changed_seq: 'bigint',
    }),
  },
  overrides: {
    name: 'overrides',
    kind: 'state',
    key: ['epoch', 'book', 'override_id'],
    columns: columns({
      epoch: 'text',
      book: 'text',
      override_id: 'text',
      control: 'text',
      instrument: 'text',
      up_to: 'text',
      granted_by: 'text',
      reason: 'text',
      granted_at: 'timestamptz',
      expires_at: 'timestamptz',
      ended_at: 'timestamptz',
      ended_by: 'text',
      changed_seq: 'bigint',
    }),
  },
  restrictions: {
    name: 'restrictions',
    kind: 'state',
    key: ['epoch', 'book', 'instrument'],
    columns: columns({
      epoch: 'text',
      book: 'text',
      instrument: 'text',
      restricted: 'boolean',
      changed_by: 'text',
      reason: 'text',
      changed_at: 'timestamptz',
      changed_seq: 'bigint',
    }),
  },
  reconciliations: {
    name: 'reconciliations',
    kind: 'state',
    key: ['epoch', 'book', 'reconciliation_id'],
    columns: columns({
      epoch: 'text',
      book: 'text',
      reconciliation_id: 'text',
      venue: 'text',
      trigger: 'text',
      attempts: 'integer',
      requested_at: 'timestamptz',
      finished_at: 'timestamptz',
      outcome: 'text',
      differences: 'jsonb',
      changed_seq: 'bigint',
    }),
  },
  proposals: {
    name: 'proposals',
    kind: 'state',
    key: ['epoch', 'proposal_id'],
    columns: columns({
      epoch: 'text',
      proposal_id: 'text',
      kind: 'text',
      scope: 'text',
      content_hash: 'text',
      reason: 'text',
      proposed_by: 'text',
      proposed_at: 'timestamptz',
      expires_at: 'timestamptz',
      status: 'text',
      decided_by: 'text',
      decided_at: 'timestamptz',
      applied_commit: 'text',
      applied_at: 'timestamptz',
      changed_seq: 'bigint',
    }),
  },
  settlements: {
    name: 'settlements',
    kind: 'log',
    key: EVENT_KEY,
    columns: [
      ...EVENT,
      ...columns({ instrument: 'text', at: 'timestamptz', delivery_price: 'numeric', source: 'text' }),
    ],
  },
  incidents: {
    name: 'incidents',
    kind: 'log',
    key: [...EVENT_KEY, 'type'],
    columns: [
      ...EVENT,
      ...columns({
        type: 'text',
        severity: 'text',
        subject: 'text',
        book: 'text',
        at: 'timestamptz',
        reasons: 'text[]',
      }),
    ],
  },
  journal_entries: {
    name: 'journal_entries',
    kind: 'log',
    key: ['epoch', 'entry_id'],
    columns: columns({
      epoch: 'text',
      entry_id: 'text',
      seq: 'bigint',
      book: 'text',
      at: 'timestamptz',
      event_type: 'text',
      instrument: 'text',
    }),
  },
  postings: {
    name: 'postings',
    kind: 'log',
    key: ['epoch', 'entry_id', 'line'],
    columns: columns({
      epoch: 'text',
      entry_id: 'text',
      line: 'integer',
      book: 'text',
      account: 'text',
      currency: 'text',
      amount: 'numeric',
    }),
  },
};

/** Every table, in a fixed order. */
export const READ_TABLE_LIST: readonly ReadTable[] = Object.values(READ_TABLES);
