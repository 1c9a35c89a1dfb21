import { setTimeout as delay } from 'node:timers/promises';
import { openDeribitSim } from '@evenkeel/adapter-venue-deribit';
import type { DeribitSim } from '@evenkeel/adapter-venue-deribit';
import type { Latch, VenueOrder } from '@evenkeel/execution';
import { NANOS_PER_SECOND, required } from '@evenkeel/kernel';
import { BOOK, DeskAtVenues, PERPS, START, opener } from '../../test/desk-at-venues';
import { SIM_PERPETUAL } from '../../../../libs/local-exchange/src/sim-perpetual.test-support';

const KEYS = { EK_DERIBIT_KEY: 'desk', EK_DERIBIT_SECRET: 'not-a-secret' };
const MARKS = { [PERPS.deribit]: '90000' };
const STOP = { engagement: 'e-1', by: 'ann', reason: 'drill', at: '2026-01-05T00:00:01Z' };
const LATCH: Latch = { ...STOP, engaged: true, engagements: [STOP], releases: [] };
const BY_HAND = {
  instrument: 'BTC-PERPETUAL',
  direction: 'buy',
  amount: '10',
  type: 'limit',
  price: '60000',
  label: '',
  timeInForce: 'good_til_cancelled',
  postOnly: false,
  rejectPostOnly: false,
  reduceOnly: false,
} as const;

/** The account of the desk, and what it trades there. */
const ACCOUNT = { book: BOOK, venue: 'deribit', instrument: PERPS.deribit };

describe('orders that rest at the exchange', () => {
  let exchange: DeribitSim;
  let desk: DeskAtVenues;

  const begin = async (settings: object = {}, takeBackAfterMs?: number): Promise<void> => {
    exchange = await openDeribitSim({
      instruments: [SIM_PERPETUAL],
      clients: [{ clientId: KEYS.EK_DERIBIT_KEY, clientSecret: KEYS.EK_DERIBIT_SECRET }],
      stepMs: 20,
      flow: { seed: 'reach', moveMax: 0, lotsMax: 40_000 },
    });
    const access = { deribit: { connector: 'deribit', url: exchange.url, ...settings } };
    desk = new DeskAtVenues(opener(access, KEYS), undefined, takeBackAfterMs);
    desk.openAccounts(['deribit']);
    await desk.recover([]);
    await desk.market(MARKS, START + NANOS_PER_SECOND);
    await desk.hear('the first comparison', () => desk.events('VenueReconciled').length === 1);
    await desk.market(MARKS, desk.now + NANOS_PER_SECOND);
    await desk.decide([[PERPS.deribit, '4', '89800']], 'passive');
    await desk.hear('it to rest', () => desk.events('OrderAcknowledged').length === 1);
    expect(resting()).toHaveLength(1);
  };

  /** Labels of what the exchange has open; what was placed by hand has none. */
  const resting = (): string[] =>
    exchange.exchange
      .ordersOf('desk')
      .filter(({ state }) => state === 'open')
      .map(({ label }) => label);

  /** Nobody is woken meanwhile: neither journal nor market goes on. */
  const untilGone = async (left: readonly string[] = []): Promise<number> => {
    const begun = performance.now();
    while (resting().length > left.length) {
      if (performance.now() - begun > 10_000) throw new Error(`still rests: ${resting().join(', ')}`);
      await delay(10);
    }
    expect(resting()).toEqual(left);
    return performance.now() - begun;
  };

  const byHand = (): void => void exchange.exchange.place('desk', BY_HAND, Date.now());

  afterEach(async () => {
    await desk.gateway.close();
    await exchange.close();
  });

  it.each([['firm'], ['book:two-venues'], ['venue:deribit']])(
    'go under a latch of %s with neither journal nor market, other people’s too',
    async (scope) => {
      await begin();
      byHand();
      desk.latches.set(scope, LATCH);
      await untilGone();
    },
  );

  it('go under a latch of their instrument, and what others placed stays', async () => {
    await begin();
    byHand();
    desk.latches.set(`instrument:${PERPS.deribit}`, LATCH);
    await untilGone(['']);
  });

  it('go after a cut in which the latch was engaged, though the exchange took nothing back by itself', async () => {
    await begin({ cancelOnDisconnect: false });
    exchange.cut();
    desk.latches.set('firm', LATCH);
    await untilGone();
  });

  it('go when their partition halts, and when nothing has come for long', async () => {
    await begin();
    byHand();
    desk.gateway.standsStill(desk.partition, 'halted');
    await untilGone(['']);
    await desk.gateway.close();
    await exchange.close();
    await begin({}, 300);
    await untilGone();
  }, 20_000);

  it('are followed by no other once their partition stands still', async () => {
    await begin();
    desk.gateway.standsStill(desk.partition, 'ends');
    await desk.decide([[PERPS.deribit, '2', '89800']], 'passive');
    await untilGone();
    expect(exchange.exchange.ordersOf('desk')).toHaveLength(1);
    await desk.hear('the refusal', () => desk.events('OrderRejected').length === 1);
    expect(desk.events('OrderRejected')).toMatchObject([{ reason: 'SERVICE_ENDS' }]);
  });

  it('are followed by none that the journal took long to store: its prices were checked before an outage', async () => {
    await begin();
    desk.sinceInputMs = 61_000;
    await desk.decide([[PERPS.deribit, '2', '89800']], 'passive');
    await desk.hear('the refusal', () => desk.events('OrderRejected').length === 1);
    expect(desk.events('OrderRejected')).toMatchObject([{ reason: 'INTENT_TOO_OLD' }]);
    expect(exchange.exchange.ordersOf('desk')).toHaveLength(1);
  });

  it('are changed through the same doors as they are placed by', async () => {
    await begin();
    const [placed] = desk.events('OrderAcknowledged');
    const { clientOrderId } = required(placed, 'an order');
    const amend = (limitPrice: string): Promise<void> =>
      desk.gateway.perform({ kind: 'amend', clientOrderId, ...ACCOUNT, quantity: '4', limitPrice }, desk);
    const ticks = (): number | undefined => exchange.exchange.ordersOf('desk')[0]?.ticks;
    const before = ticks();
    desk.permission = { allowed: false, code: 'KILL_ENGAGED', message: 'firm was stopped' };
    await amend('89700');
    desk.permission = { allowed: true };
    desk.sinceInputMs = 61_000;
    await amend('89600');
    desk.sinceInputMs = 0;
    await amend('89500');
    // The exchange answers one after the other: the third alone reached it.
    for (let tries = 0; tries < 200 && ticks() === before; tries += 1) await delay(10);
    expect([before, ticks()]).toEqual([179_600, 179_000]);
  });

  it('are none at all over a gap of the journal, as long as there is no time to put it on record at', async () => {
    await begin();
    const access = { deribit: { connector: 'deribit', url: exchange.url } };
    const gap = { epoch: '1', seq: 9, hash: '' };
    const blind = new DeskAtVenues(opener(access, KEYS), undefined, undefined, gap);
    blind.openAccounts(['deribit']);
    await blind.recover([]);
    const order: VenueOrder = {
      clientOrderId: 'early',
      ...ACCOUNT,
      side: 'buy',
      quantity: '1',
      orderType: 'limit',
      timeInForce: 'GTC',
      limitPrice: '89800',
    };
    await blind.gateway.perform({ kind: 'submit', order }, blind);
    await delay(500);
    expect(exchange.exchange.ordersOf('desk')).toHaveLength(1);
    expect(blind.events('VenueHalted')).toEqual([]);
    await blind.market(MARKS, START + NANOS_PER_SECOND);
    expect(blind.events('VenueHalted')).toMatchObject([{ reason: 'JOURNAL_GAP' }]);
    await blind.gateway.close();
  });

  it('go when the service ends, with cancel on disconnect and without', async () => {
    await begin({ cancelOnDisconnect: false });
    await desk.gateway.release(desk.partition, 'none');
    expect(resting()).toEqual([]);
  });

  it('stay when another process takes their partition over, and that one can take them back', async () => {
    await begin();
    const [label] = resting();
    await desk.gateway.release(desk.partition, 'takes-over');
    expect(resting()).toEqual([label]);
    const access = { deribit: { connector: 'deribit', url: exchange.url } };
    const next = new DeskAtVenues(opener(access, KEYS), desk.log);
    next.now = desk.now;
    await next.recover([]);
    next.latches.set('firm', LATCH);
    await untilGone();
    await next.gateway.close();
  });

  it('are reached also when they were given up without an answer', async () => {
    await begin({ cancelOnDisconnect: false });
    exchange.cut();
    exchange.exchange.faults.outage = true;
    const [order] = [...desk.reactor.state.open.values()];
    if (order !== undefined) {
      desk.reactor.state.open.delete(order.clientOrderId);
      desk.reactor.state.unknown.set(order.clientOrderId, order);
    }
    desk.latches.set(`instrument:${PERPS.deribit}`, LATCH);
    await untilGone();
  });

  it('are on record as taken back once the partition goes on', async () => {
    await begin();
    desk.latches.set('firm', LATCH);
    await untilGone();
    await desk.hear('the note', () =>
      desk.events('ConnectionNoted').some(({ what }) => what === 'taken-back'),
    );
    await desk.hear('the end', () => desk.events('OrderCancelled').length === 1);
    expect(desk.reactor.state.open.size).toBe(0);
  });
});
