import type { VenueEffect, VenueOrder } from '@evenkeel/execution';
import type { MarketInstant, VenueReport } from '@evenkeel/facts';
import { Decimal, formatInstant, parseDuration, parseInstant, required, uuidV5 } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { accountReport } from './account';
import type { Adjustment } from './account';
import { amendOutcome } from './amend';
import { NO_QUIRKS, fateOf } from './fates';
import { drawnLatency, readMarketModel } from './market-model';
import { crosses, touch } from './matching';
import { bookFor, noteTaking, queueFor, selfTradeOf } from './own-market';
import { matchResting } from './resting-orders';
import { execute, fill, report } from './order-execution';
import type { VenueRecord, VenueReportRecord } from './records';
import type { DueReport, SimulatedVenueConfig, Venue } from './venue-state';

/** Writes a record durably before it takes effect. */
export type RecordSink = (record: VenueRecord) => void;

/** Only the reports of these books; all when absent. */
export type BookFilter = ReadonlySet<string>;

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
  cancel(clientOrderId: string, now: Instant, book: string): void;
  /**
   * Asks for everything known of an order; answered after the latency, `not-found` (to `book`) where it never arrived.
   * Idempotent per `now`.
   */
  query(clientOrderId: string, now: Instant, book: string): void;
  /** Takes a fill back and says so after the latency; harmless for a fill that is not known. */
  bust(clientOrderId: string, fillId: string, now: Instant, reason: string): void;
  /** Moves an account behind our back, for drills: `quantity` signed contracts. */
  adjust(adjustment: Adjustment): void;
  /** Has this id arrived? The synchronous question for a host that recovers from a crash. */
  knows(clientOrderId: string): boolean;
  /** Shows the venue the market; resting orders that it crosses are filled. Idempotent. */
  onMarks(instant: MarketInstant): void;
  /** When the earliest report that the host has not settled is due. */
  due(books?: BookFilter): Instant | undefined;
  /** Every report due at `now` that is not settled, in the order of their times; the same again until settled. */
  collect(now: Instant, books?: BookFilter): DueReport[];
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
  /** Folds a record of the store; for starting up only. */
  restore(record: VenueRecord): void;
}

export function createSimulatedVenue(
  config: SimulatedVenueConfig,
  sink: RecordSink = () => undefined,
): SimulatedVenue {
  const venue: Venue = {
    config,
    latency: parseDuration(config.latency ?? '250ms'),
    jitter: parseDuration(config.jitter ?? '0ms'),
    quirks: { ...NO_QUIRKS, ...config.quirks },
    rules: config.market === undefined ? undefined : readMarketModel(config.market),
    takings: new Map(),
    specs: new Map(config.specifications.map((spec) => [spec.id, spec])),
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
  const put = (record: VenueRecord): void => {
    sink(record);
    apply(venue, record);
  };
  return {
    perform: (effect, now) => perform(venue, put, effect, now),
    submit: (order, now) => submit(venue, put, order, now),
    cancel: (clientOrderId, now, book) => cancel(venue, put, clientOrderId, now, book),
    query: (clientOrderId, now, book) => query(venue, put, clientOrderId, now, book),
    bust: (clientOrderId, fillId, now, reason) => bust(venue, put, clientOrderId, fillId, now, reason),
    adjust: (adjustment) => put({ kind: 'adjustment', ...adjustment }),
    knows: (clientOrderId) => venue.orders.has(clientOrderId),
    onMarks: (instant) => showMarket(venue, put, instant),
    due: (books) => earliest(venue, books),
    collect: (now, books) => collect(venue, now, books),
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
    restore: (record) => apply(venue, record),
  };
}

function apply(venue: Venue, record: VenueRecord): void {
  switch (record.kind) {
    case 'order': {
      const { order, venueOrderId, silent } = record;
      const state = {
        order,
        venueOrderId,
        silent,
        at: parseInstant(record.at),
        resting: Decimal.parse(record.resting),
        reports: [...record.reports],
        queueAhead: record.queueAhead === undefined ? undefined : Decimal.parse(record.queueAhead),
      };
      noteTaking(venue, state);
      venue.orders.set(order.clientOrderId, state);
      if (!state.resting.isZero()) venue.resting.add(state);
      if (!silent) schedule(venue, order.book, record.reports);
      return;
    }
    case 'lost':
      venue.lost.set(record.clientOrderId, record.book);
      return;
    case 'more': {
      const state = required(
        venue.orders.get(record.clientOrderId),
        `order ${record.clientOrderId} at the venue`,
      );
      state.resting = Decimal.parse(record.resting);
      state.reports.push(...record.reports);
      if (state.resting.isZero()) venue.resting.delete(state);
      if (!state.silent) schedule(venue, state.order.book, record.reports);
      return;
    }
    case 'amend':
      return applyAmend(venue, record);
    case 'account':
      return schedule(venue, record.book, record.reports);
    case 'adjustment':
      venue.adjustments.push(record);
      return;
    case 'answer':
      breakSilence(venue, record.clientOrderId, record.reports);
      return schedule(venue, record.book, record.reports);
    case 'duplicate':
      venue.duplicates += 1;
      return;
    case 'settled':
      venue.pending.delete(record.id);
      venue.settledIds.add(record.id);
      if (record.at !== undefined) venue.lastSettledAt = parseInstant(record.at);
  }
}

function applyAmend(venue: Venue, record: Extract<VenueRecord, { kind: 'amend' }>): void {
  const { clientOrderId, quantity, limitPrice } = record;
  const state = required(venue.orders.get(clientOrderId), `order ${clientOrderId} at the venue`);
  if (record.reports.some(({ report: { kind } }) => kind === 'amended'))
    state.order = { ...state.order, quantity, limitPrice };
  state.resting = Decimal.parse(record.resting);
  state.reports.push(...record.reports);
  if (!state.silent) schedule(venue, state.order.book, record.reports);
}

/** Once asked, a silent order is answered like any other: what the answer did not yet contain follows by itself. */
function breakSilence(venue: Venue, clientOrderId: string, answer: readonly VenueReportRecord[]): void {
  const state = venue.orders.get(clientOrderId);
  const answeredAt = answer[0]?.at;
  if (state?.silent !== true || answeredAt === undefined) return;
  state.silent = false;
  const later = state.reports.filter((record) => parseInstant(record.at) > parseInstant(answeredAt));
  schedule(venue, state.order.book, later);
}

function schedule(venue: Venue, book: string, reports: readonly VenueReportRecord[]): void {
  for (const record of reports) {
    venue.sequence += 1;
    venue.pending.set(record.id, {
      due: { ...record, book },
      at: parseInstant(record.at),
      sequence: venue.sequence,
    });
  }
}

function perform(venue: Venue, put: RecordSink, effect: VenueEffect, now: Instant): void {
  switch (effect.kind) {
    case 'submit':
      return submit(venue, put, effect.order, now);
    case 'cancel':
      return cancel(venue, put, effect.clientOrderId, now, effect.book);
    case 'query':
      return query(venue, put, effect.clientOrderId, now, effect.book);
    case 'amend':
      return amend(venue, put, effect, now);
    case 'reconcile':
      return reconcile(venue, put, effect, now);
  }
}

function amend(
  venue: Venue,
  put: RecordSink,
  effect: Extract<VenueEffect, { kind: 'amend' }>,
  now: Instant,
): void {
  const { clientOrderId, quantity, limitPrice } = effect;
  const state = venue.orders.get(clientOrderId);
  if (state === undefined) return query(venue, put, clientOrderId, now, effect.book);
  const { order } = state;
  const spec = venue.specs.get(order.instrument);
  const mark = venue.marks.get(order.instrument);
  const wouldTrade = (limit: Decimal): boolean =>
    spec !== undefined && mark !== undefined && crosses(order.side, limit, touch(mark, spec, order.side));
  const total = Decimal.parse(order.quantity);
  const { resting, report: said } = amendOutcome(effect, total, state.resting, spec, wouldTrade);
  const told = report(order, `${said.kind}/${formatInstant(now)}`, now + venue.latency, said);
  const left = resting.toString();
  put({ kind: 'amend', clientOrderId, quantity, limitPrice, resting: left, reports: [told] });
}

function bust(
  venue: Venue,
  put: RecordSink,
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
  put: RecordSink,
  { book, venue: name, requestId }: Extract<VenueEffect, { kind: 'reconcile' }>,
  now: Instant,
): void {
  const id = `account/${name}/${book}/${requestId}`;
  if (venue.pending.has(id) || venue.settledIds.has(id)) return;
  const at = now + venue.latency;
  const question = { book, venue: name, requestId, at };
  const answer = accountReport(question, venue.orders.values(), venue.specs, venue.adjustments);
  put({ kind: 'account', book, reports: [{ id, at: formatInstant(at), report: answer }] });
}

function submit(venue: Venue, put: RecordSink, order: VenueOrder, now: Instant): void {
  const { clientOrderId } = order;
  if (venue.orders.has(clientOrderId))
    return put({ kind: 'duplicate', clientOrderId, at: formatInstant(now) });
  const fate = fateOf(venue.config.seed, clientOrderId, venue.quirks);
  const outage = venue.rules?.outageAt(now);
  if (fate.arrival === 'lost' || outage === 'silence') {
    if (!venue.lost.has(clientOrderId)) put({ kind: 'lost', clientOrderId, book: order.book });
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
    spec: venue.specs.get(order.instrument),
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

function cancel(venue: Venue, put: RecordSink, clientOrderId: string, now: Instant, book?: string): void {
  const state = venue.orders.get(clientOrderId);
  if (venue.rules?.outageAt(now) !== undefined) return;
  if (state === undefined) return query(venue, put, clientOrderId, now, book);
  if (state.resting.isZero()) return;
  const end = report(state.order, 'cancelled', now + venue.latency, {
    kind: 'cancelled',
    clientOrderId,
    reason: 'REQUESTED',
  });
  put({ kind: 'more', clientOrderId, resting: '0', reports: [end] });
}

/** All that happened so far is said again, under ids of this question, so that nothing settled before hides it. */
function query(venue: Venue, put: RecordSink, clientOrderId: string, now: Instant, book = ''): void {
  if (venue.rules?.outageAt(now) !== undefined) return;
  const name = `query/${formatInstant(now)}`;
  const first = `${clientOrderId}/${name}/0`;
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
    id: `${clientOrderId}/${name}/${index}`,
    at,
    report: content,
  }));
  put({
    kind: 'answer',
    clientOrderId,
    book: state?.order.book ?? venue.lost.get(clientOrderId) ?? book,
    reports,
  });
}

function showMarket(venue: Venue, put: RecordSink, instant: MarketInstant): void {
  for (const mark of instant.marks)
    if (venue.specs.has(mark.instrument)) venue.marks.set(mark.instrument, mark);
  if (venue.resting.size === 0 || instant.marks.length === 0) return;
  const now = parseInstant(instant.eventTime);
  if (venue.rules?.outageAt(now) !== undefined) return;
  for (const state of [...venue.resting]) {
    const { order } = state;
    const mark = instant.marks.find((candidate) => candidate.instrument === order.instrument);
    if (mark === undefined || mark.status === 'HALTED' || now <= state.at) continue;
    const spec = required(venue.specs.get(order.instrument), `the terms of ${order.instrument}`);
    const met = matchResting(state, mark, spec, venue.rules);
    if (met === undefined || state.reports.some(({ id }) => id === `${order.clientOrderId}/${met.name}`))
      continue;
    const limit = Decimal.parse(order.limitPrice);
    const filled = fill(order, spec, met.contracts, limit, 'maker', met.name, now + venue.latency);
    const resting = state.resting.minus(met.contracts).toString();
    put({ kind: 'more', clientOrderId: order.clientOrderId, resting, reports: [filled] });
  }
}

function earliest(venue: Venue, books: BookFilter | undefined): Instant | undefined {
  let first: Instant | undefined;
  for (const { at, due } of venue.pending.values()) {
    if (books !== undefined && due.book !== '' && !books.has(due.book)) continue;
    if (first === undefined || at < first) first = at;
  }
  return first;
}

function collect(venue: Venue, now: Instant, books: BookFilter | undefined): DueReport[] {
  return [...venue.pending.values()]
    .filter(({ at, due }) => at <= now && (books === undefined || due.book === '' || books.has(due.book)))
    .sort((a, b) => (a.at === b.at ? a.sequence - b.sequence : a.at < b.at ? -1 : 1))
    .map(({ due }) => due);
}
