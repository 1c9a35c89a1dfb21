import type { VenueEffect, VenueOrder } from '@evenkeel/execution';
import type { Mark, MarketInstant, VenueReport } from '@evenkeel/facts';
import type { InstrumentSpec } from '@evenkeel/instruments';
import { Decimal, formatInstant, parseDuration, parseInstant, required, uuidV5 } from '@evenkeel/kernel';
import type { Instant, Nanoseconds } from '@evenkeel/kernel';
import { NO_QUIRKS, fateOf } from './fates';
import type { VenueQuirks } from './fates';
import { crosses, touch } from './matching';
import { execute, fill, report } from './order-execution';
import type { VenueRecord, VenueReportRecord } from './records';

export interface SimulatedVenueConfig {
  readonly seed: string;
  /** Contracts that trade here. */
  readonly specifications: readonly InstrumentSpec[];
  /** From an order or a question to the answer, event time; default 250 ms. */
  readonly latency?: string;
  /** Largest seeded addition to it; default none. */
  readonly jitter?: string;
  readonly quirks?: Partial<VenueQuirks>;
  /** Contracts shown at the touch, by instrument; unlimited where absent. */
  readonly displayed?: ReadonlyMap<string, string>;
}

/** A report that is due, with the book it is for. */
export interface DueReport extends VenueReportRecord {
  readonly book: string;
}

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

interface VenueOrderState {
  readonly order: VenueOrder;
  readonly venueOrderId: string;
  /** When it came in; marks up to then are the ones it was judged against already. */
  readonly at: Instant;
  silent: boolean;
  resting: Decimal;
  readonly reports: VenueReportRecord[];
}

interface Venue {
  readonly config: SimulatedVenueConfig;
  readonly latency: Nanoseconds;
  readonly jitter: Nanoseconds;
  readonly quirks: VenueQuirks;
  readonly specs: ReadonlyMap<string, InstrumentSpec>;
  readonly marks: Map<string, Mark>;
  readonly orders: Map<string, VenueOrderState>;
  readonly resting: Set<VenueOrderState>;
  /** Books of orders that never arrived. */
  readonly lost: Map<string, string>;
  readonly pending: Map<string, { readonly due: DueReport; readonly at: Instant; readonly sequence: number }>;
  readonly settledIds: Set<string>;
  sequence: number;
  duplicates: number;
  lastSettledAt: Instant | undefined;
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
    specs: new Map(config.specifications.map((spec) => [spec.id, spec])),
    marks: new Map(),
    orders: new Map(),
    resting: new Set(),
    lost: new Map(),
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
      };
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
    case 'reconcile':
      return undefined;
  }
}

function submit(venue: Venue, put: RecordSink, order: VenueOrder, now: Instant): void {
  const { clientOrderId } = order;
  if (venue.orders.has(clientOrderId))
    return put({ kind: 'duplicate', clientOrderId, at: formatInstant(now) });
  const fate = fateOf(venue.config.seed, clientOrderId, venue.quirks);
  if (fate.arrival === 'lost') {
    if (!venue.lost.has(clientOrderId)) put({ kind: 'lost', clientOrderId, book: order.book });
    return;
  }
  const answerAt = now + venue.latency + BigInt(Math.floor(Number(venue.jitter) * fate.jitter));
  const venueOrderId = `sim-${uuidV5(`venue-sim|${venue.config.seed}|${clientOrderId}`)}`;
  const { resting, reports } = execute(order, {
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
    silent: fate.arrival === 'silent',
  });
}

function cancel(venue: Venue, put: RecordSink, clientOrderId: string, now: Instant, book?: string): void {
  const state = venue.orders.get(clientOrderId);
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
  for (const state of [...venue.resting]) {
    const { order } = state;
    const mark = instant.marks.find((candidate) => candidate.instrument === order.instrument);
    if (mark === undefined || mark.status === 'HALTED' || now <= state.at) continue;
    const spec = required(venue.specs.get(order.instrument), `the terms of ${order.instrument}`);
    const limit = Decimal.parse(order.limitPrice);
    if (!crosses(order.side, limit, touch(mark, spec, order.side))) continue;
    const filled = fill(order, spec, state.resting, limit, 'maker', 'fill-resting', now + venue.latency);
    put({ kind: 'more', clientOrderId: order.clientOrderId, resting: '0', reports: [filled] });
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
