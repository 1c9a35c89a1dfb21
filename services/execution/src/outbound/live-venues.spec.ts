import type { AddressInfo } from 'node:net';
import { openDeribitSim } from '@evenkeel/adapter-venue-deribit';
import { NANOS_PER_SECOND } from '@evenkeel/kernel';
import { WebSocketServer } from 'ws';
import { BOOK, DeskAtVenues, PERPS, START, opener, specOf } from '../../test/desk-at-venues';
import { SIM_PERPETUAL } from '../../../../libs/local-exchange/src/sim-perpetual.test-support';

const KEYS = { EK_DERIBIT_KEY: 'desk', EK_DERIBIT_SECRET: 'not-a-secret' };
const MARKS = { [PERPS.bybit]: '90000', [PERPS.deribit]: '90000' };

const BY_HAND = {
  book: BOOK,
  venue: 'deribit',
  instrument: PERPS.deribit,
  side: 'buy',
  quantity: '300',
  orderType: 'limit',
  timeInForce: 'IOC',
  limitPrice: '1000000',
} as const;

/** Says the whole book of a symbol when it is asked for, in Bybit's words, and nothing else. */
async function openBybit(): Promise<{ readonly url: string; close(): void }> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  await new Promise((resolve) => server.once('listening', resolve));
  server.on('connection', (socket) =>
    socket.on('message', (data) => {
      const { op } = JSON.parse(String(data)) as { op: string };
      if (op !== 'subscribe') return;
      const book = { s: 'BTCUSDT', b: [['89990', '5']], a: [['90010', '5']], u: 7, seq: 7 };
      const head = { topic: 'orderbook.50.BTCUSDT', type: 'snapshot', ts: Date.now() };
      socket.send(JSON.stringify({ ...head, data: book }));
    }),
  );
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`, // it listens on TCP
    close() {
      for (const socket of server.clients) socket.terminate();
      server.close();
    },
  };
}

describe('a book at the local exchange and on paper at once, in real time', () => {
  it('trades at both, is reconciled at both, and goes on at one when the other is gone', async () => {
    const exchange = await openDeribitSim({
      instruments: [SIM_PERPETUAL],
      clients: [{ clientId: KEYS.EK_DERIBIT_KEY, clientSecret: KEYS.EK_DERIBIT_SECRET }],
      stepMs: 20,
      flow: { seed: 'two', moveMax: 0, lotsMax: 40_000 },
    });
    const bybit = await openBybit();
    const access = {
      deribit: { connector: 'deribit', url: exchange.url },
      bybit: { connector: 'paper', urls: { 'bybit-linear': bybit.url } },
    };
    const desk = new DeskAtVenues(opener(access, KEYS));
    try {
      desk.openAccounts(['deribit', 'bybit']);
      await desk.recover([]);
      await desk.market(MARKS, START + NANOS_PER_SECOND);
      const noted = (venue: string, what: string) => (): boolean =>
        desk.events('ConnectionNoted').some((note) => note.venue.startsWith(venue) && note.what === what);
      await desk.hear('the paper venue’s book', noted('bybit', 'book-synced'));
      const reconciled = (): number => new Set(desk.events('VenueReconciled').map(({ venue }) => venue)).size;
      await desk.hear('both accounts to be compared', () => reconciled() === 2);
      await desk.market(MARKS, desk.now + NANOS_PER_SECOND);
      await desk.decide([
        [PERPS.deribit, '-400', '90000'],
        [PERPS.bybit, '0.5', '90000'],
      ]);
      await desk.hear('both fills', () => desk.events('OrderFilled').length >= 2);
      const fills = desk.events('OrderFilled').map(({ instrument, quantity }) => [instrument, quantity]);
      expect(new Map(fills as [string, string][])).toEqual(
        new Map([
          [PERPS.deribit, '-400'],
          [PERPS.bybit, '0.5'],
        ]),
      );
      const before = desk.events('VenueReconciled').length;
      await desk.market(MARKS, desk.now + 21n * NANOS_PER_SECOND);
      await desk.hear(
        'both accounts to be compared again',
        () => desk.events('VenueReconciled').length >= before + 2,
      );
      expect(desk.events('ReconciliationDiffered')).toEqual([]);

      bybit.close();
      await desk.hear('the loss of one venue', noted('bybit', 'disconnected'));
      await desk.market(MARKS, desk.now + NANOS_PER_SECOND);
      await desk.decide([
        [PERPS.deribit, '100', '90000'],
        [PERPS.bybit, '-0.2', '90000'],
      ]);
      await desk.hear(
        'a fill and a refusal',
        () => desk.events('OrderRejected').length === 1 && desk.events('OrderFilled').length >= 3,
      );
      expect(desk.events('OrderRejected')).toMatchObject([{ instrument: PERPS.bybit, reason: 'NO_MARKET' }]);
      expect(desk.events('OrderFilled').at(-1)).toMatchObject({ instrument: PERPS.deribit, quantity: '100' });
    } finally {
      await desk.gateway.close();
      bybit.close();
      await exchange.close();
    }
  }, 60_000);
});

describe('a trade made by hand on the account of a book that adopts', () => {
  it('is on record with the venue’s ids, and the account agrees and trades on', async () => {
    const exchange = await openDeribitSim({
      instruments: [SIM_PERPETUAL],
      clients: [{ clientId: KEYS.EK_DERIBIT_KEY, clientSecret: KEYS.EK_DERIBIT_SECRET }],
      stepMs: 20,
      flow: { seed: 'by hand', moveMax: 0, lotsMax: 40_000 },
    });
    const access = { deribit: { connector: 'deribit', url: exchange.url } };
    const desk = new DeskAtVenues(opener(access, KEYS));
    let ready = false;
    const quiet = (): void => undefined;
    desk.openAccounts(['deribit'], { adoptTrades: true });
    const { book, venue } = BY_HAND;
    const byHand = opener(access, KEYS)(
      { book, venue, specifications: [specOf('deribit')] },
      {
        onNews: quiet,
        onNote: quiet,
        onReady: () => {
          ready = true;
        },
      },
    );
    try {
      await desk.recover([]);
      await desk.market(MARKS, START + NANOS_PER_SECOND);
      await desk.hear('the first comparison', () => desk.events('VenueReconciled').length === 1);
      byHand.start({ positions: new Map(), cash: new Map() });
      await desk.hear('the second login', () => ready);
      byHand.submit({ ...BY_HAND, clientOrderId: '' }, desk.now);
      await desk.hear('the trade', () => desk.events('ForeignTradeSeen').length > 0);
      expect(desk.events('ForeignTradeSeen')[0]).toMatchObject({
        venue: 'deribit',
        instrument: PERPS.deribit,
        tradeId: expect.stringMatching(/./),
        venueOrderId: expect.stringMatching(/./),
      });
      await desk.market(MARKS, desk.now + 21n * NANOS_PER_SECOND);
      await desk.hear('the next comparison', () => desk.events('VenueReconciled').length >= 2);
      await desk.market(MARKS, desk.now + NANOS_PER_SECOND);
      await desk.decide([[PERPS.deribit, '-300', '90000']]);
      await desk.hear('the hedge', () => desk.events('OrderFilled').length > 0);
      const traded = desk.events('ForeignTradeSeen').map(({ quantity }) => Number(quantity));
      expect(traded.reduce((sum, quantity) => sum + quantity, 0)).toBe(300);
      expect(desk.events('ReconciliationDiffered')).toEqual([]);
      expect(desk.events('VenueHalted')).toEqual([]);
    } finally {
      await byHand.stop('over');
      await desk.gateway.close();
      await exchange.close();
    }
  }, 60_000);
});
