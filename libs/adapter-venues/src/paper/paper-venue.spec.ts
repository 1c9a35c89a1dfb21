import type { VenueOrder } from '@evenkeel/execution';
import type { VenueReport } from '@evenkeel/facts';
import { specificationOf } from '@evenkeel/instruments';

import { createSequencedBook } from '@evenkeel/venue-wire';
import type { DecimalText, Level, SequencedBook, TradeEvent } from '@evenkeel/venue-wire';
import { createPaperVenue, type PaperVenue } from './paper-venue';

const ID = 'BTC-PERPETUAL@deribit';
const SYMBOL = 'BTC-PERPETUAL';

const level = (price: string, size: string): Level => ({
  price: price as DecimalText,
  size: size as DecimalText,
}); // canonical literals

interface Rig {
  readonly venue: PaperVenue;
  readonly book: SequencedBook;
  readonly reports: VenueReport[];
  show(bids: Level[], asks: Level[]): void;
  trade(price: string, size: string, side: 'buy' | 'sell'): void;
}

function rig(): Rig {
  const spec = specificationOf(ID);
  if (!spec.ok) throw new Error(spec.failure.message);
  const book = createSequencedBook();
  const reports: VenueReport[] = [];
  const venue = createPaperVenue({
    specifications: [spec.value],
    book: (instrument) => (instrument === ID ? book : undefined),
    feeOf: (_spec, quantity, _price, liquidity) => ({
      currency: 'BTC',
      amount: `${liquidity}:${quantity.toString()}`,
    }),
    onReport: (report) => reports.push(report),
  });
  const head = { venue: 'deribit', instrument: ID, symbol: SYMBOL, eventTime: 1n } as const;
  return {
    venue,
    book,
    reports,
    show(bids, asks) {
      const event = {
        kind: 'book-snapshot',
        ...head,
        bids,
        asks,
        sequence: { rule: 'none' },
        depth: 'full',
      } as const;
      book.apply(event);
      venue.onEvent(event, 2n);
    },
    trade(price, size, side) {
      const event: TradeEvent = { kind: 'trade', ...head, id: null, ...level(price, size), side };
      venue.onEvent(event, 3n);
    },
  };
}

let serial = 0;
function order(side: 'buy' | 'sell', quantity: string, limitPrice: string, timeInForce: string): VenueOrder {
  serial += 1;
  return {
    clientOrderId: `p${serial}`,
    book: 'b',
    venue: 'deribit',
    instrument: ID,
    side,
    quantity,
    orderType: 'limit',
    timeInForce,
    limitPrice,
  };
}

const shape = (reports: readonly VenueReport[]): string[] =>
  reports.map((report) =>
    report.kind === 'filled' ? `${report.quantity}@${report.price} ${report.liquidity}` : report.kind,
  );

describe('paper trading', () => {
  it('takes the displayed levels up to the limit, in contracts, and the rest expires', () => {
    const { venue, reports, show } = rig();
    show([level('99', '500')], [level('100', '20'), level('101', '30'), level('105', '500')]);
    venue.submit(order('buy', '9', '102', 'IOC'), 1n);
    // 20 and 30 USD are two and three contracts of ten.
    expect(shape(reports)).toEqual(['acknowledged', '2@100 taker', '3@101 taker', 'cancelled']);
    expect(reports[1]).toMatchObject({ fee: { amount: 'taker:2' } });
  });

  it('does not take the same displayed size twice, until the venue shows another', () => {
    const { venue, reports, show } = rig();
    show([], [level('100', '20')]);
    venue.submit(order('buy', '2', '100', 'IOC'), 1n);
    venue.submit(order('buy', '2', '100', 'IOC'), 1n);
    expect(shape(reports)).toEqual(['acknowledged', '2@100 taker', 'acknowledged', 'expired']);
    show([], [level('100', '40')]);
    venue.submit(order('buy', '2', '100', 'IOC'), 1n);
    expect(shape(reports).slice(4)).toEqual(['acknowledged', '2@100 taker']);
  });

  it('a maker waits behind what was displayed and is filled by trades at its price', () => {
    const { venue, reports, show, trade } = rig();
    show([level('99', '50')], [level('100', '20')]);
    venue.submit(order('buy', '3', '99', 'POST_ONLY'), 1n);
    trade('99', '40', 'sell');
    trade('99', '30', 'buy');
    expect(shape(reports)).toEqual(['acknowledged']);
    trade('99', '30', 'sell');
    expect(shape(reports)).toEqual(['acknowledged', '2@99 maker']);
    trade('98.5', '1', 'sell');
    expect(shape(reports)).toEqual(['acknowledged', '2@99 maker', '1@99 maker']);
  });

  it('a maker is filled when the quotes come through it, and a post-only order never takes', () => {
    const { venue, reports, show } = rig();
    show([level('99', '50')], [level('100', '20')]);
    venue.submit(order('sell', '1', '101', 'GTC'), 1n);
    venue.submit(order('sell', '1', '99', 'POST_ONLY'), 1n);
    expect(shape(reports)).toEqual(['acknowledged', 'rejected']);
    show([level('102', '50')], [level('103', '20')]);
    expect(shape(reports).at(-1)).toBe('1@101 maker');
  });

  it('refuses without a sound book, ends a cancelled order once, and answers questions', () => {
    const { venue, reports, show } = rig();
    const early = order('buy', '1', '100', 'IOC');
    venue.submit(early, 1n);
    expect(reports).toEqual([{ kind: 'rejected', clientOrderId: early.clientOrderId, reason: 'NO_MARKET' }]);
    show([level('99', '50')], [level('100', '20')]);
    const bid = order('buy', '1', '98', 'GTC');
    venue.submit(bid, 1n);
    venue.submit(bid, 1n);
    venue.cancel(bid.clientOrderId, 1n);
    venue.cancel(bid.clientOrderId, 1n);
    expect(shape(reports).slice(1)).toEqual(['acknowledged', 'cancelled']);
    venue.query(bid.clientOrderId, 1n);
    venue.query('never', 1n);
    expect(shape(reports).slice(3)).toEqual(['acknowledged', 'cancelled', 'not-found']);
  });
});
