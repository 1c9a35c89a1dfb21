import type { DomainEvent } from '@evenkeel/facts';
import { BOOK, Desk, PERP, at } from '../../test/desk';

const RULES = { atStart: false, interval: '', positionTolerance: '0', balanceTolerance: '0' };
const adopting = (): Desk => new Desk({ reconciliation: { ...RULES, adoptTrades: true } });

const ADOPTED: DomainEvent = {
  type: 'PositionAdopted',
  payload: {
    book: BOOK,
    instrument: PERP,
    quantity: '2',
    price: '90000',
    at: at(3),
    cash: { currency: 'USDT', amount: '0' },
    positionAfter: '2',
    index: 0,
    venueTrade: {
      venue: 'binance',
      venueOrderId: 'by-hand',
      tradeId: 'T-17',
      tradedAt: at(1.5),
      fee: { currency: 'USDT', amount: '-1' },
      realised: { currency: 'USDT', amount: '0' },
      averagePriceAfter: '90000',
    },
  },
};

/** What the venue holds, unasked. */
function told(desk: Desk, quantity: string, seconds: number, openOrders: readonly string[] = []): void {
  desk.report(
    {
      kind: 'account',
      venue: 'binance',
      book: BOOK,
      requestId: '',
      positions: [{ instrument: PERP, quantity }],
      openOrders: openOrders.map((clientOrderId) => ({ clientOrderId, instrument: PERP, remaining: '2' })),
      balances: [],
      complete: true,
    },
    seconds,
  );
}

describe('an account whose trades the book adopts', () => {
  it('puts a trade of somebody else on record once, however often it is told, and halts nothing', () => {
    const desk = adopting();
    desk.foreignFill('by-hand', 'T-17', '2', 2, { side: 'sell' });
    desk.foreignFill('by-hand', 'T-17', '2', 3, { side: 'sell' });
    expect(desk.events).toEqual([
      {
        type: 'ForeignTradeSeen',
        payload: {
          book: BOOK,
          venue: 'binance',
          at: at(2),
          venueOrderId: 'by-hand',
          tradeId: 'T-17',
          instrument: PERP,
          quantity: '-2',
          price: '90000',
          fee: { currency: 'USDT', amount: '-1' },
          tradedAt: at(1.5),
        },
      },
    ]);
    expect(desk.effects).toEqual([]);
  });

  it('counts it: the venue’s account agrees afterwards, and only then', () => {
    const desk = adopting();
    desk.foreignFill('by-hand', 'T-17', '2', 2);
    told(desk, '2', 4, ['resting-by-hand']);
    expect(desk.types()).toEqual(['ForeignTradeSeen', 'VenueReconciled']);
  });

  it('asks once more about a position whose trade was not told yet, and halts on what stays different', () => {
    const desk = adopting();
    told(desk, '2', 2);
    expect(desk.types()).toEqual(['ReconciliationDiffered', 'ReconciliationRequested']);
    expect(desk.effects).toMatchObject([{ kind: 'reconcile' }]);
    desk.foreignFill('by-hand', 'T-17', '2', 3);
    told(desk, '2', 4);
    expect(desk.types().slice(2)).toEqual(['ForeignTradeSeen', 'VenueReconciled']);
    told(desk, '5', 5);
    told(desk, '5', 6);
    expect(desk.types().slice(4)).toEqual([
      'ReconciliationDiffered',
      'ReconciliationRequested',
      'ReconciliationDiffered',
      'VenueHalted',
    ]);
  });

  it('takes no notice of what moves no position', () => {
    const desk = adopting();
    const account = { venue: 'binance', book: BOOK };
    const clientOrderId = 'by-hand';
    for (const report of [
      { kind: 'acknowledged', clientOrderId, venueOrderId: 'by-hand' },
      { kind: 'cancelled', clientOrderId, reason: 'REQUESTED' },
    ] as const)
      desk.feed({ kind: 'venue', id: report.kind, at: at(2), report, account });
    expect(desk.events).toEqual([]);
  });

  it('halts on what it cannot count: another instrument, a trade taken back', () => {
    const elsewhere = adopting();
    elsewhere.foreignFill('by-hand', 'T-17', '2', 2, { instrument: 'ETHUSDT-PERP@binance' });
    expect(elsewhere.types()).toEqual(['ReconciliationDiffered', 'VenueHalted', 'ReconciliationRequested']);
    const desk = adopting();
    const report = { kind: 'busted', clientOrderId: 'by-hand', fillId: 'T-17', reason: 'ERROR' } as const;
    desk.feed({ kind: 'venue', id: 'b', at: at(2), report, account: { venue: 'binance', book: BOOK } });
    expect(desk.types()).toEqual(['ReconciliationDiffered', 'VenueHalted', 'ReconciliationRequested']);
  });

  it('is adopted by nobody who did not say so', () => {
    const desk = new Desk({ reconciliation: RULES });
    desk.foreignFill('by-hand', 'T-17', '2', 2);
    expect(desk.types()).toEqual(['ReconciliationDiffered', 'VenueHalted', 'ReconciliationRequested']);
  });

  it('waits for risk to count the trade, as with a fill', () => {
    const desk = adopting();
    desk.foreignFill('by-hand', 'T-17', '2', 2);
    const uncounted = (): readonly string[] => [...(desk.state.books.get(BOOK)?.risk.uncounted.keys() ?? [])];
    expect(uncounted()).toEqual(['binance/T-17']);
    desk.risk(ADOPTED, 3);
    expect(uncounted()).toEqual([]);
  });
});
