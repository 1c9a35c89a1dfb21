/**
 * Every metric of ours, once: docs/metrics.md is written from it, and a metric that is not here cannot be made. Labels have few
 * values, which `LABELS` states; nothing is labelled with an id that grows with what is traded.
 */

/** Books with a label of their own, in one process; what comes beyond is added up under `(others)`. */
export const BOOKS_LABELLED_MAX = 200;

export const LABELS = {
  kind: 'kind of input: `instant`, `wake`, `commit`, `venue`',
  outcome: 'what became of it: a handful of words',
  operation: '`publish` or `subscribe`',
  subject: 'what the message should have been: a handful of words',
  stream: 'name of a stream: some twelve',
  what: 'the word of what is counted or waited for, below',
  for: 'who is waited for, below',
  clock: '`event`',
  code: 'an error code of docs/errors.md',
  account: '`<venue>/<book>`: as many as the configuration has',
  book: `a book; beyond ${BOOKS_LABELLED_MAX} in one process \`(others)\``,
  underlying: 'an underlying, such as `BTC`',
  line: '`hedged`, `unhedged`, `options`, `hedge`, `fees`, `funding`, `settlement`',
  reason: 'the first reason, a word of the code such as `BAND_BREACHED`',
  event: 'type of the event, such as `OrderRejected`',
  state: '`submitted`, `acknowledged`, `partially-filled`, `unknown`',
  venue: 'a venue, by the instrument',
  scope: 'kind of a kill scope: `firm`, `venue`, `book`, `strategy`, `instrument`',
} as const;

/**
 * What a process may wait for, and for whom. `keeps`: whether it is not ready meanwhile. A process is never restarted for it: liveness
 * knows nothing of waits.
 */
export const WAITS = {
  settle: {
    for: '`risk`, `strategy`, `execution`',
    meaning: 'price-ingest: event time cannot go on in a partition until it has taken what it was given',
    keeps: 'when no partition moves',
  },
  'first-prices': {
    for: '`venue`',
    meaning: 'price-ingest: a feed has said nothing yet',
    keeps: 'no',
  },
  recovery: {
    for: '`nats`',
    meaning: 'what is on record is read before anything new is taken',
    keeps: 'yes',
  },
  lease: {
    for: '`nats`',
    meaning: 'a host: its share of the partitions is not settled yet, or the table of leases is out of reach',
    keeps: 'yes',
  },
  append: {
    for: '`nats`',
    meaning: 'something is offered to the server again and again, which does not answer or has no room',
    keeps: 'yes',
  },
  stream: { for: '`nats`', meaning: 'a stream is missing or cannot be read', keeps: 'yes' },
  floor: {
    for: '`ledger`',
    meaning: 'execution: where the ledger’s record of the journal ends, before anything is taken',
    keeps: 'yes',
  },
  quarantine: {
    for: '`people`',
    meaning:
      'a message that nobody can believe stops a partition, or the ledger, until two people quarantine it',
    keeps: 'yes',
  },
  login: { for: '`venue`', meaning: 'execution: an account is not connected', keeps: 'no' },
  answer: {
    for: '`venue`',
    meaning: 'execution: what became of an order, or the end of one that is wanted back',
    keeps: 'no',
  },
  rows: {
    for: '`postgres`',
    meaning: 'the ledger: the database does not answer or does not write',
    keeps: 'yes',
  },
  cosignature: {
    for: '`witness`',
    meaning: 'the ledger: a signed checkpoint that no witness has cosigned',
    keeps: 'no',
  },
} as const;

export type WaitWord = keyof typeof WAITS;

type Label = keyof typeof LABELS;
export type MetricKind = 'counter' | 'gauge' | 'histogram';

export interface MetricRow<K extends MetricKind = MetricKind, L extends readonly Label[] = readonly Label[]> {
  readonly kind: K;
  readonly labels: L;
  readonly unit: string;
  /** Services that have it. */
  readonly of: string;
  readonly meaning: string;
}

const ALL = 'all';
const CORES = 'risk, strategy, execution';

const row =
  <K extends MetricKind>(kind: K) =>
  <const L extends readonly Label[]>(
    unit: string,
    labels: L,
    of: string,
    meaning: string,
  ): MetricRow<K, L> => ({ kind, labels, unit, of, meaning });

const counter = row('counter');
const gauge = row('gauge');
const histogram = row('histogram');

export const METRIC_TABLE = {
  // What the desk holds and does.
  evenkeel_exposure_delta_usd: gauge(
    'USD',
    ['book', 'underlying'],
    'risk',
    'Delta of the whole book by its newest snapshot: USD of the underlying that it is long (negative: short).',
  ),
  evenkeel_exposure_gamma_usd: gauge(
    'USD per 1 %',
    ['book', 'underlying'],
    'risk',
    'By how much that delta changes when the underlying moves up one per cent.',
  ),
  evenkeel_exposure_vega: gauge(
    'numeraire per vol point',
    ['book', 'underlying'],
    'risk',
    'What the book gains when implied volatility rises by 0.01.',
  ),
  evenkeel_pnl: gauge(
    'numeraire',
    ['book', 'line'],
    'risk',
    'P&L since the book was opened, by its newest snapshot. `hedged` is the sum of all; `fees` paid are negative.',
  ),
  evenkeel_book_status: gauge(
    '0, 1 or 2',
    ['book'],
    'risk',
    'Prices that the book’s newest snapshot was valued on: 0 OK, 1 DEGRADED, 2 HALTED (it is not hedged).',
  ),
  evenkeel_price_status: gauge(
    '0, 1 or 2',
    ['underlying'],
    'price-ingest',
    'Status of our composite price: 0 OK, 1 DEGRADED, 2 HALTED.',
  ),
  evenkeel_price_age_seconds: gauge(
    'seconds of event time',
    ['underlying'],
    'price-ingest',
    'How long before the newest instant the composite price was so.',
  ),
  evenkeel_band_use: gauge(
    'ratio',
    ['book', 'underlying'],
    'strategy',
    'Distance of the exposure from the middle of its band over half the band: what the newest decision’s trades leave, or where it declined as it stands; above 1: outside.',
  ),
  evenkeel_decisions_total: counter(
    'decisions',
    ['outcome', 'reason'],
    'strategy',
    'Decisions to hedge (`decided`) and not to (`declined`), by their first reason.',
  ),
  evenkeel_programs_halted_total: counter('halts', [], 'strategy', 'Times that a book’s program halted.'),
  evenkeel_order_events_total: counter(
    'events',
    ['event'],
    'execution',
    'What happened to orders: intended, refused, acknowledged, filled, rejected, cancelled, expired, unresolved, busted.',
  ),
  evenkeel_refusals_total: counter(
    'orders',
    ['reason'],
    'execution',
    'Orders that a pre-trade check refused, by the first that said no.',
  ),
  evenkeel_fills_total: counter('fills', ['venue'], 'execution', 'Fills.'),
  evenkeel_orders: gauge(
    'orders',
    ['state'],
    'execution',
    'Orders that could still be filled, by how they stand; `unknown`: nobody has said what became of them.',
  ),
  evenkeel_kills_engaged: gauge('latches', ['scope'], 'execution', 'Kill latches that stop something now.'),
  evenkeel_restrictions: gauge(
    'instruments',
    [],
    'execution',
    'Instruments of books that a person forbade and has not allowed again.',
  ),
  evenkeel_overrides: gauge('overrides', [], 'execution', 'Overrides of controls that are in force.'),
  evenkeel_venues_halted: gauge(
    'accounts',
    [],
    'execution',
    'Accounts whose venue is halted until a person resumes it.',
  ),
  evenkeel_throttles_tripped: gauge(
    'instruments',
    [],
    'execution',
    'Instruments whose repeated-execution throttle waits for a person.',
  ),
  evenkeel_orders_to_take_back: gauge(
    'orders',
    ['account'],
    'execution',
    'Orders that are wanted back and that the venue still lists; -1 while it has not said.',
  ),
  evenkeel_venue_reports_waiting: gauge(
    'reports',
    ['account'],
    'execution',
    'Reports of venues that wait to be heard.',
  ),
  evenkeel_venue_reports_dropped: gauge(
    'reports',
    ['account'],
    'execution',
    'Reports that were dropped because too many waited; the venue was asked again.',
  ),
  // Who waits, and what has stopped.
  evenkeel_waiting_seconds: gauge(
    'seconds',
    ['for', 'what'],
    ALL,
    'How long this process has waited for somebody, the oldest wait of each kind; absent when it waits for nobody.',
  ),
  evenkeel_halted: gauge('0 or 1', [], ALL, '1 while this process, or a partition of it, has halted.'),
  evenkeel_partitions_halted: gauge(
    'partitions',
    [],
    'all but ledger',
    'Partitions that have halted here; of price-ingest those that event time has gone on without.',
  ),
  evenkeel_partitions_owned: gauge('partitions', [], CORES, 'Partitions that this process owns.'),
  evenkeel_fenced_total: counter('times', [], CORES, 'Times that this process was deposed as an owner.'),
  evenkeel_dead_letters: gauge('messages', [], 'ledger', 'Pointers in `EK_DLQ` to what could not be read.'),
  // How it works.
  evenkeel_inputs_total: counter(
    'inputs',
    ['kind'],
    CORES,
    'Inputs that have taken their whole effect. A market instant counts once, however many partitions take it.',
  ),
  evenkeel_commits_total: counter('commits', [], 'all but price-ingest', 'Commits that it put on record.'),
  evenkeel_input_seconds: histogram(
    'seconds',
    ['kind'],
    CORES,
    'Time from taking up an input to its last effect, in one partition.',
  ),
  evenkeel_last_instant: gauge(
    'number',
    [],
    'price-ingest, risk, execution',
    'The newest market instant that is published; of risk and execution the newest that all their partitions have taken.',
  ),
  evenkeel_bus_refusals_total: counter(
    'refusals',
    ['operation'],
    ALL,
    'Times that the NATS server did not let this process publish or subscribe.',
  ),
  evenkeel_unreadable_messages_total: counter(
    'messages',
    ['subject'],
    ALL,
    'Messages from outside that counted for nothing, by what they should have been.',
  ),
  evenkeel_state_snapshots_total: counter(
    'snapshots',
    ['outcome'],
    CORES,
    'State snapshots: `written`, `failed`, `used`, `ignored` (of another build), `refused`.',
  ),
  evenkeel_state_snapshot_bytes: gauge(
    'bytes',
    [],
    CORES,
    'Size of the newest state snapshot that was written.',
  ),
  evenkeel_state_snapshot_seconds: histogram(
    'seconds',
    [],
    CORES,
    'Time that a partition was held up while its state was written down.',
  ),
  evenkeel_stream_consumers: gauge(
    'consumers',
    ['stream'],
    ALL,
    'Consumers of each stream; the server refuses more than a thousand.',
  ),
  evenkeel_stream_fill: gauge(
    'ratio',
    ['stream'],
    ALL,
    'Share of what a stream may hold that it holds; high above 0.7, an alert above 0.85.',
  ),
  evenkeel_kept: gauge(
    'items',
    ['what'],
    'all but price-ingest',
    'What is kept in memory, of the partition that keeps most of it. The words are those of docs/capacity.md.',
  ),
  evenkeel_kept_max: gauge(
    'items',
    ['what'],
    CORES,
    'How many of it at most: a partition that keeps more halts.',
  ),
  evenkeel_clock_difference_seconds: gauge(
    'seconds',
    ['clock'],
    'price-ingest, live',
    'The wall clock less event time; above 0.25 an alarm, above 1 every price is halted.',
  ),
  // The record.
  evenkeel_ledger_behind_commits: gauge(
    'commits',
    [],
    'ledger',
    'Commits of the journal that the ledger has not taken over.',
  ),
  evenkeel_ledger_behind_seconds: gauge(
    'seconds',
    [],
    'ledger',
    'How long ago the oldest commit was seen that it has not taken over, to two seconds; 0 while it has all.',
  ),
  evenkeel_audit_tree_size: gauge('commits', [], 'ledger', 'Commits in the tree.'),
  evenkeel_audit_signed_size: gauge('commits', [], 'ledger', 'Commits under the newest signed checkpoint.'),
  evenkeel_audit_cosigned_size: gauge(
    'commits',
    [],
    'ledger',
    'Commits under the newest checkpoint that a witness cosigned.',
  ),
  evenkeel_audit_witness_alerts_total: counter(
    'alerts',
    ['code'],
    'ledger',
    'Witnesses that were away or refused.',
  ),
  evenkeel_audit_fault: gauge(
    '0 or 1',
    [],
    'ledger',
    '1 while the audit trail has stopped for a contradiction.',
  ),
  evenkeel_verifier_lag_commits: gauge(
    'commits',
    [],
    'verifier',
    'Commits in the ledger that are not verified yet.',
  ),
  evenkeel_verifier_commits: gauge('commits', [], 'verifier', 'Commits verified.'),
  evenkeel_verifier_run_again: gauge(
    'events',
    ['what'],
    'verifier',
    'Events run again: snapshots, decisions, orders, others; and notRunAgain.',
  ),
  evenkeel_verifier_divergences_total: counter(
    'divergences',
    ['code'],
    'verifier',
    'What contradicts the record.',
  ),
} as const;

export type MetricName = keyof typeof METRIC_TABLE;
