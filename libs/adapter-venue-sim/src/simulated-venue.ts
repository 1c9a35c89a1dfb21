import type { VenueEffect, VenueOrder } from '@evenkeel/execution';
import type { AccountOrder, MarketInstant, VenueReport } from '@evenkeel/facts';
import { contractOf } from '@evenkeel/instruments';
import type { InstrumentSpec } from '@evenkeel/instruments';
import { Decimal, formatInstant, parseDuration, parseInstant, required, uuidV5 } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { accountReport } from './account';
import type { Adjustment } from './account';
import { amendOutcome } from './amend';
import { NO_QUIRKS, fateOf } from './fates';
import { drawnLatency, readMarketModel } from './market-model';
import { crosses, touch } from '@evenkeel/venues';
import type { DueReport as Waiting } from '@evenkeel/venues';
import { fold } from './fold';
import { bookFor, queueFor, selfTradeOf } from './own-market';
import { matchResting } from './resting-orders';
import { execute, fill, report } from './order-execution';
import type { VenueRecord } from './records';
import type { AccountName, DueReport, Pending, SimulatedVenueConfig, Venue } from './venue-state';

/** Where the exchange's records are kept. What was appended comes back by `news`, in the one order that holds for everybody. */
export interface RecordStore {
  /** Writes a record durably before it takes effect. */
  append(record: VenueRecord): void;
  /** Records since the last look, one's own and those of other processes. */
  news(): readonly VenueRecord[];
}

/**
 * A simulated exchange in event time. Everything it does is a function of the orders, the marks it was shown and the seed;
 * orders are filled against the marks of their submission and answered after the latency.
 */
export interface SimulatedVenue {
  /** Carries out whatever the order core wants done here. */
  perform(effect: VenueEffect, now: Instant): void;
  /** Idempotent by client order id: a second submission changes nothing and is counted. */
  submit(order: VenueOrder, now: Instant): void;
  /** Takes a resting order out of the book; its end is reported. Harmless for orders that are over or unknown. */
  cancel(clientOrderId: string, now: Instant, asker: AccountName): void;
  /**
   * Asks for everything known of an order; answered after the latency, `not-found` (to the asker) where it never arrived.
   * Idempotent per `now`.
   */
  query(clientOrderId: string, now: Instant, asker: AccountName): void;
  /** Takes a fill back and says so after the latency; harmless for a fill that is not known. */
  bust(clientOrderId: string, fillId: string, now: Instant, reason: string): void;
  /** Moves an account behind our back, for drills: `quantity` signed contracts. */
  adjust(adjustment: Adjustment): void;
  /** Has this id arrived? The synchronous question for a host that recovers from a crash. */
  knows(clientOrderId: string): boolean;
  /** What rests on an account. */
  openOrders(account: AccountName): AccountOrder[];
  /** Shows the venue the market; resting orders that it crosses are filled. Idempotent. */
  onMarks(instant: MarketInstant): void;
  /** When the earliest report that the host has not settled is due. */
  due(account?: AccountName): Instant | undefined;
  /**
   * Every report due at `now` that is not settled, in the order of their times, books and arrivals; the same again until
   * settled. Books before arrivals, so that a book's turn does not depend on which other books trade at the same exchange.
   */
  collect(now: Instant, account?: AccountName): DueReport[];
  /** The report that an account will hear first, due or not. */
  next(account: AccountName): Waiting | undefined;
  /** Lists more contracts; what is listed already stays as it is. */
  list(specifications: readonly InstrumentSpec[]): void;
  /** The host has the report durably: it is not delivered again. `now` is the event time at which it was heard. */
  settled(reportId: string, now?: Instant): void;
  /**
   * The event time of the last settling. A host that hears one report per wake-up and died during one can tell by it whether
   * that wake-up's report was heard.
   */
  readonly lastSettledAt: Instant | undefined;
  /** Submissions of an id that was already here. */
  readonly duplicates: number;
  /** Distinct orders that arrived. */
  readonly orders: number;
}

/** The exchange is the fold of its store's records, and takes in what the store has at once. */
export function createSimulatedVenue(
  config: SimulatedVenueConfig,
  store: RecordStore = memoryStore(),
): SimulatedVenue {
  const venue: Venue = {
    config,
    latency: parseDuration(config.latency ?? '250ms'),
    jitter: parseDuration(config.jitter ?? '0ms'),
    quirks: { ...NO_QUIRKS, ...config.quirks },
    rules: config.market === undefined ? undefined : readMarketModel(config.market),
    takings: new Map(),
    contracts: new Map(config.specifications.map((spec) => [spec.id, contractOf(spec)])),
    marks: new Map(),
    orders: new Map(),
    resting: new Set(),
    lost: new Map(),
    adjustments: [],
    pending: new Map(),
    settledIds: new Set(),
    sequence: 0,
    duplicates: 0,
    lastSettledAt: undefined,
  };
  const takeIn = (): void => {
    for (const record of store.news()) fold(venue, record);
  };
  const put = (record: VenueRecord): void => {
    store.append(record);
    takeIn();
  };
  takeIn();
  /** Each call begins with what others have done at the exchange since. */
  const upToDate =
    <A extends readonly unknown[], R>(work: (...args: A) => R) =>
    (...args: A): R => {
      takeIn();
      return work(...args);
    };
  return {
    perform: upToDate((effect, now) => perform(venue, put, effect, now)),
    submit: upToDate((order, now) => submit(venue, put, order, now)),
    cancel: upToDate((clientOrderId, now, asker) => cancel(venue, put, clientOrderId, now, asker)),
    query: upToDate((clientOrderId, now, asker) => query(venue, put, clientOrderId, now, asker)),
    bust: upToDate((order, fillId, now, reason) => bust(venue, put, order, fillId, now, reason)),
    adjust: (adjustment) => put({ kind: 'adjustment', ...adjustment }),
    knows: upToDate((clientOrderId) => venue.orders.has(clientOrderId)),
    openOrders: upToDate((account) => openOrders(venue, account)),
    onMarks: upToDate((instant) => showMarket(venue, put, instant)),
    due: upToDate((account) => earliest(venue, account)),
    collect: upToDate((now, account) => collect(venue, now, account)),
    next: upToDate((account) => next(venue, account)),
    list(specifications) {
      for (const spec of specifications)
        if (!venue.contracts.has(spec.id)) venue.contracts.set(spec.id, contractOf(spec));
    },
    settled(reportId, now) {
      if (!venue.pending.has(reportId)) return;
      put({ kind: 'settled', id: reportId, ...(now === undefined ? {} : { at: formatInstant(now) }) });
    },
    get lastSettledAt() {
      return venue.lastSettledAt;
    },
    get duplicates() {
      return venue.duplicates;
    },
    get orders() {
      return venue.orders.size;
    },
  };
}

function memoryStore(): RecordStore {
  let fresh: VenueRecord[] = [];
  return {
    append: (record) => void fresh.push(record),
    news() {
      if (fresh.length === 0) return NONE;
      const news = fresh;
      fresh = [];
      return news;
    },
  };
}

const NONE: readonly VenueRecord[] = [];

type Put = (record: VenueRecord) => void;

function perform(venue: Venue, put: Put, effect: VenueEffect, now: Instant): void {
  switch (effect.kind) {
    case 'submit':
      return submit(venue, put, effect.order, now);
    case 'cancel':
      return cancel(venue, put, effect.clientOrderId, now, effect);
    case 'query':
      return query(venue, put, effect.clientOrderId, now, effect);
    case 'amend':
      return amend(venue, put, effect, now);
    case 'reconcile':
      return reconcile(venue, put, effect, now);
  }
}

function amend(venue: Venue, put: Put, effect: Extract<VenueEffect, { kind: 'amend' }>, now: Instant): void {
  const { clientOrderId, quantity, limitPrice } = effect;
  const state = venue.orders.get(clientOrderId);
  if (state === undefined) return query(venue, put, clientOrderId, now, effect);
  const { order } = state;
  const contract = venue.contracts.get(order.instrument);
  const mark = venue.marks.get(order.instrument);
  const wouldTrade = (limit: Decimal): boolean =>
    contract !== undefined &&
    mark !== undefined &&
    crosses(order.side, limit, touch(mark, contract, order.side));
  const total = Decimal.parse(order.quantity);
  const { resting, report: said } = amendOutcome(effect, total, state.resting, contract, wouldTrade);
  const told = report(order, `${said.kind}/${formatInstant(now)}`, now + venue.latency, said);
  const left = resting.toString();
  put({ kind: 'amend', clientOrderId, quantity, limitPrice, resting: left, reports: [told] });
}

function bust(
  venue: Venue,
  put: Put,
  clientOrderId: string,
  fillId: string,
  now: Instant,
  reason: string,
): void {
  const state = venue.orders.get(clientOrderId);
  const filled = state?.reports.some((one) => one.report.kind === 'filled' && one.report.fillId === fillId);
  if (state === undefined || filled !== true) return;
  const busted = { kind: 'busted', clientOrderId, fillId, reason } as const;
  const reports = [report(state.order, `bust/${fillId}`, now + venue.latency, busted)];
  put({ kind: 'more', clientOrderId, resting: state.resting.toString(), reports });
}

function reconcile(
  venue: Venue,
  put: Put,
  { book, venue: name, requestId }: Extract<VenueEffect, { kind: 'reconcile' }>,
  now: Instant,
): void {
  const id = `account/${name}/${book}/${requestId}`;
  if (venue.pending.has(id) || venue.settledIds.has(id)) return;
  const at = now + venue.latency;
  const question = { book, venue: name, requestId, at };
  const answer = accountReport(question, venue.orders.values(), venue.contracts, venue.adjustments);
  put({ kind: 'account', book, venue: name, reports: [{ id, at: formatInstant(at), report: answer }] });
}

function submit(venue: Venue, put: Put, order: VenueOrder, now: Instant): void {
  const { clientOrderId } = order;
  if (venue.orders.has(clientOrderId))
    return put({ kind: 'duplicate', clientOrderId, at: formatInstant(now) });
  const fate = fateOf(venue.config.seed, clientOrderId, venue.quirks);
  const outage = venue.rules?.outageAt(now, order.venue);
  if (fate.arrival === 'lost' || outage === 'silence') {
    const { book, venue: name } = order;
    if (!venue.lost.has(clientOrderId)) put({ kind: 'lost', clientOrderId, book, venue: name });
    return;
  }
  const drawn = venue.rules?.latency;
  const delay = drawn === undefined ? venue.latency : drawnLatency(drawn, fate.jitter);
  const answerAt = now + delay + BigInt(Math.floor(Number(venue.jitter) * fate.jitter));
  const venueOrderId = `sim-${uuidV5(`venue-sim|${venue.config.seed}|${clientOrderId}`)}`;
  const levels = bookFor(venue, order, now);
  const turnedAway = outage === 'rejects' ? 'VENUE_UNAVAILABLE' : selfTradeOf(venue, order);
  const { resting, reports } = execute(order, {
    ...(turnedAway === undefined ? {} : { turnedAway }),
    levels,
    contract: venue.contracts.get(order.instrument),
    mark: venue.marks.get(order.instrument),
    displayed: venue.config.displayed?.get(order.instrument),
    fate,
    venueOrderId,
    at: answerAt,
  });
  put({
    kind: 'order',
    order,
    at: formatInstant(now),
    venueOrderId,
    resting: resting.toString(),
    reports,
    ...queueFor(venue, order, resting),
    silent: fate.arrival === 'silent',
  });
}

function cancel(venue: Venue, put: Put, clientOrderId: string, now: Instant, asker: AccountName): void {
  const state = venue.orders.get(clientOrderId);
  if (venue.rules?.outageAt(now, asker.venue) !== undefined) return;
  if (state === undefined) return query(venue, put, clientOrderId, now, asker);
  if (state.resting.isZero()) return;
  const end = report(state.order, 'cancelled', now + venue.latency, {
    kind: 'cancelled',
    clientOrderId,
    reason: 'REQUESTED',
  });
  put({ kind: 'more', clientOrderId, resting: '0', reports: [end] });
}

function openOrders(venue: Venue, account: AccountName): AccountOrder[] {
  return [...venue.resting]
    .filter(({ order }) => order.book === account.book && order.venue === account.venue)
    .map(({ order: { clientOrderId, instrument }, resting }) => {
      return { clientOrderId, instrument, remaining: resting.toString() };
    });
}

/** All that happened so far is said again, under ids of this question, so that nothing settled before hides it. */
function query(venue: Venue, put: Put, clientOrderId: string, now: Instant, asker: AccountName): void {
  if (venue.rules?.outageAt(now, asker.venue) !== undefined) return;
  const question = `query/${formatInstant(now)}`;
  const first = `${clientOrderId}/${question}/0`;
  if (venue.pending.has(first) || venue.settledIds.has(first)) return;
  const at = formatInstant(now + venue.latency);
  const state = venue.orders.get(clientOrderId);
  const said: readonly VenueReport[] =
    state === undefined
      ? [{ kind: 'not-found', clientOrderId }]
      : state.reports
          .filter((record) => parseInstant(record.at) <= now + venue.latency)
          .map((record) => record.report);
  const reports = said.map((content, index) => ({
    id: `${clientOrderId}/${question}/${index}`,
    at,
    report: content,
  }));
  const account = state?.order ?? venue.lost.get(clientOrderId) ?? asker;
  put({ kind: 'answer', clientOrderId, book: account.book, venue: account.venue, reports });
}

function showMarket(venue: Venue, put: Put, instant: MarketInstant): void {
  // Of everything that is shown: contracts may be listed later.
  for (const mark of instant.marks) venue.marks.set(mark.instrument, mark);
  if (venue.resting.size === 0 || instant.marks.length === 0) return;
  const now = parseInstant(instant.eventTime);
  for (const state of [...venue.resting]) {
    const { order } = state;
    if (venue.rules?.outageAt(now, order.venue) !== undefined) continue;
    const mark = instant.marks.find((candidate) => candidate.instrument === order.instrument);
    if (mark === undefined || mark.status === 'HALTED' || now <= state.at) continue;
    const contract = required(venue.contracts.get(order.instrument), `the terms of ${order.instrument}`);
    const met = matchResting(state, mark, contract, venue.rules);
    if (met === undefined || state.reports.some(({ id }) => id === `${order.clientOrderId}/${met.name}`))
      continue;
    const price = Decimal.parse(order.limitPrice);
    const terms = { quantity: met.contracts, price, liquidity: 'maker' } as const;
    const filled = fill(order, contract, mark, terms, met.name, now + venue.latency);
    const resting = state.resting.minus(met.contracts).toString();
    put({ kind: 'more', clientOrderId: order.clientOrderId, resting, reports: [filled] });
  }
}

function isFor(due: DueReport, account: AccountName | undefined): boolean {
  return account === undefined || (due.book === account.book && due.venue === account.venue);
}

function earliest(venue: Venue, account: AccountName | undefined): Instant | undefined {
  let first: Instant | undefined;
  for (const { at, due } of venue.pending.values())
    if (isFor(due, account) && (first === undefined || at < first)) first = at;
  return first;
}

function next(venue: Venue, account: AccountName): Waiting | undefined {
  let first: Pending | undefined;
  for (const pending of venue.pending.values())
    if (isFor(pending.due, account) && (first === undefined || inOrder(pending, first) < 0)) first = pending;
  if (first === undefined) return undefined;
  const { id, report: said, sequence } = first.due;
  return { id, at: first.at, order: sequence, report: said };
}

function collect(venue: Venue, now: Instant, account: AccountName | undefined): DueReport[] {
  return [...venue.pending.values()]
    .filter(({ at, due }) => at <= now && isFor(due, account))
    .sort(inOrder)
    .map(({ due }) => due);
}

/** By time, book and arrival. */
function inOrder(a: Pending, b: Pending): number {
  if (a.at !== b.at) return a.at < b.at ? -1 : 1;
  if (a.due.book !== b.due.book) return a.due.book < b.due.book ? -1 : 1;
  return a.due.sequence - b.due.sequence;
}
