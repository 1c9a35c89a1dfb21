import { Decimal, parseInstant, required } from '@evenkeel/kernel';
import { noteTaking } from './own-market';
import type { VenueRecord, VenueReportRecord } from './records';
import type { AccountName, Venue, VenueOrderState } from './venue-state';

/**
 * Takes a record into the state of the exchange. Several processes may write the records of one exchange, and two that both think
 * themselves its owner may write the same thing twice: what is known by its name changes nothing, so the first record of a name
 * is the one that counts, for everybody.
 */
export function fold(venue: Venue, record: VenueRecord): void {
  switch (record.kind) {
    case 'order':
      return foldOrder(venue, record);
    case 'lost':
      venue.lost.set(record.clientOrderId, { book: record.book, venue: record.venue });
      return;
    case 'more': {
      const state = orderOf(venue, record.clientOrderId);
      if (isKnown(state, record.reports)) return;
      state.resting = Decimal.parse(record.resting);
      state.reports.push(...record.reports);
      if (state.resting.isZero()) venue.resting.delete(state);
      if (!state.silent) schedule(venue, state.order, record.reports);
      return;
    }
    case 'amend':
      return foldAmend(venue, record);
    case 'account':
      return schedule(venue, record, record.reports);
    case 'adjustment':
      venue.adjustments.push(record);
      return;
    case 'answer':
      breakSilence(venue, record.clientOrderId, record.reports);
      return schedule(venue, record, record.reports);
    case 'duplicate':
      venue.duplicates += 1;
      return;
    case 'settled':
      if (!venue.pending.delete(record.id)) return;
      venue.settledIds.add(record.id);
      if (record.at !== undefined) venue.lastSettledAt = parseInstant(record.at);
  }
}

function foldOrder(venue: Venue, record: Extract<VenueRecord, { kind: 'order' }>): void {
  const { order, venueOrderId, silent } = record;
  if (venue.orders.has(order.clientOrderId)) {
    venue.duplicates += 1;
    return;
  }
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
  if (!silent) schedule(venue, order, record.reports);
}

function foldAmend(venue: Venue, record: Extract<VenueRecord, { kind: 'amend' }>): void {
  const { clientOrderId, quantity, limitPrice } = record;
  const state = orderOf(venue, clientOrderId);
  if (isKnown(state, record.reports)) return;
  if (record.reports.some(({ report: { kind } }) => kind === 'amended'))
    state.order = { ...state.order, quantity, limitPrice };
  state.resting = Decimal.parse(record.resting);
  state.reports.push(...record.reports);
  if (!state.silent) schedule(venue, state.order, record.reports);
}

/** Once asked, a silent order is answered like any other: what the answer did not yet contain follows by itself. */
function breakSilence(venue: Venue, clientOrderId: string, answer: readonly VenueReportRecord[]): void {
  const state = venue.orders.get(clientOrderId);
  const answeredAt = answer[0]?.at;
  if (state?.silent !== true || answeredAt === undefined) return;
  state.silent = false;
  const later = state.reports.filter((record) => parseInstant(record.at) > parseInstant(answeredAt));
  schedule(venue, state.order, later);
}

function schedule(
  venue: Venue,
  { book, venue: name }: AccountName,
  reports: readonly VenueReportRecord[],
): void {
  for (const record of reports) {
    if (venue.pending.has(record.id) || venue.settledIds.has(record.id)) continue;
    venue.sequence += 1;
    venue.pending.set(record.id, {
      due: { book, venue: name, sequence: venue.sequence, ...record },
      at: parseInstant(record.at),
    });
  }
}

const isKnown = (state: VenueOrderState, reports: readonly VenueReportRecord[]): boolean =>
  reports.every(({ id }) => state.reports.some((known) => known.id === id));

const orderOf = (venue: Venue, clientOrderId: string): VenueOrderState =>
  required(venue.orders.get(clientOrderId), `order ${clientOrderId} at the venue`);
