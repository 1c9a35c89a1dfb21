import type { VenueOrder } from '@evenkeel/execution';
import { reportSubject } from '@evenkeel/facts';
import type { VenueReport } from '@evenkeel/facts';
import { specificationOf, type InstrumentSpec } from '@evenkeel/instruments';
import { createRandom } from '@evenkeel/kernel';

import type { VenueNote } from '@evenkeel/venues';
import { Credentials, createVenueConnection } from '@evenkeel/venue-wire';
import type { ConnectionFact, MarketEvent, VenueConnection } from '@evenkeel/venue-wire';
import { VenueTrading, type Amendment } from '@evenkeel/venue-orders';
import { DeribitRoutes } from '../src/deribit-routes';
import { DERIBIT_PROTOCOL } from '../src/protocol';
import { SIM_PERPETUAL } from '../../local-exchange/src/sim-perpetual.test-support';
import { openDeribitSim, type DeribitSim } from '../src/simulator/sim-server';
import { Signal } from '@evenkeel/testkit';

const MS = 1_000_000n;
const SECRET = 'sim-secret-that-must-not-show';
const NAME = 'BTC-PERPETUAL';
const BACKOFF = { baseNs: 4n * MS, maxNs: 40n * MS, stableAfterNs: 1000n * MS };

function perpetual(): InstrumentSpec {
  const spec = specificationOf(`${NAME}@deribit`);
  if (!spec.ok) throw new Error(spec.failure.message);
  return spec.value;
}

let serial = 0;

function order(side: 'buy' | 'sell', quantity: string, limitPrice: string, timeInForce = 'IOC'): VenueOrder {
  serial += 1;
  return {
    clientOrderId: `order-${serial}`,
    book: 'test',
    venue: 'deribit',
    instrument: `${NAME}@deribit`,
    side,
    quantity,
    orderType: 'limit',
    timeInForce,
    limitPrice,
  };
}

function amendment(clientOrderId: string, { book, venue, instrument }: VenueOrder): Amendment {
  return { kind: 'amend', clientOrderId, book, venue, instrument, quantity: '3', limitPrice: '50000.5' };
}

/** The real connectors, for data and for orders, against the simulated exchange over a real socket. */
class Desk {
  readonly signal = new Signal();
  readonly reports: VenueReport[] = [];
  readonly facts: ConnectionFact[] = [];
  readonly notes: VenueNote[] = [];
  readonly events: MarketEvent[] = [];

  private constructor(readonly sim: DeribitSim) {}

  trading!: VenueTrading;
  data!: VenueConnection;

  static async open(secret = SECRET, latencyMs?: () => number, cancelOnDisconnect = true): Promise<Desk> {
    const sim = await openDeribitSim({
      instruments: [SIM_PERPETUAL],
      clients: [{ clientId: 'desk', clientSecret: SECRET }],
      flow: { seed: 'desk' },
      ...(latencyMs === undefined ? {} : { latencyMs }),
    });
    const desk = new Desk(sim);
    const clock = (): bigint => BigInt(Date.now()) * MS;
    const common = { clock, url: sim.url, backoff: BACKOFF, tickMs: 5 };
    const routes = {
      ...common,
      credentials: new Credentials('desk', secret),
      specifications: [perpetual()],
      random: createRandom('trading'),
      requestTimeoutNs: 2000n * MS,
      cancelOnDisconnect,
    };
    const told = {
      clock,
      onReport: (report: VenueReport) => {
        desk.reports.push(report);
        desk.signal.notify();
      },
      onFact: (fact: ConnectionFact) => {
        desk.facts.push(fact);
        desk.signal.notify();
      },
      onReady: () => desk.signal.notify(),
      onNote: (note: VenueNote) => {
        desk.notes.push(note);
        desk.signal.notify();
      },
    };
    desk.trading = new VenueTrading(told, (hearing) => new DeribitRoutes({ ...routes, hearing }));
    desk.data = createVenueConnection({
      ...common,
      protocol: DERIBIT_PROTOCOL,
      subscriptions: (['book', 'quote', 'trades', 'ticker'] as const).map((channel) => ({
        channel,
        symbol: NAME,
      })),
      random: createRandom('data'),
      onEvent: (event) => {
        desk.events.push(event);
        desk.signal.notify();
      },
      onFact: (fact) => {
        desk.facts.push(fact);
        desk.signal.notify();
      },
    });
    desk.trading.start();
    desk.data.start();
    return desk;
  }

  async ready(): Promise<this> {
    await this.signal.until('login', () => this.trading.ready);
    await this.signal.until('the book', () => this.data.book(NAME)?.status === 'synced');
    return this;
  }

  async close(): Promise<void> {
    await this.trading.stop('over');
    await this.data.stop();
    await this.sim.close();
  }

  of(clientOrderId: string): VenueReport[] {
    return this.reports.filter((report) => reportSubject(report) === clientOrderId);
  }

  kinds(clientOrderId: string): string[] {
    return this.of(clientOrderId).map((report) => report.kind);
  }

  filled(clientOrderId: string): number {
    return this.of(clientOrderId).reduce(
      (total, report) => (report.kind === 'filled' ? total + Number(report.quantity) : total),
      0,
    );
  }

  until(what: string, condition: () => boolean): Promise<void> {
    return this.signal.until(`${what}; reports ${JSON.stringify(this.reports.slice(-6))}`, condition);
  }

  /** The touch as the data connection sees it. */
  touch(side: 'bid' | 'ask'): string {
    return this.data.book(NAME)?.best(side)?.price ?? '';
  }

  async position(): Promise<string> {
    const { positions, complete } = await this.trading.holdings();
    if (!complete) throw new Error('the venue does not say what is held');
    return positions[0]?.quantity ?? '';
  }
}

describe('the Deribit connectors against the simulated exchange', () => {
  let desk: Desk;

  beforeEach(async () => {
    desk = await (await Desk.open()).ready();
  });

  afterEach(async () => {
    await desk.close();
    const shown = JSON.stringify([desk.facts, desk.reports], (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    expect(shown).not.toContain(SECRET);
  });

  it('keep the exchange’s book through price moves and a cut', async () => {
    const agrees = (): boolean => {
      const listing = desk.sim.exchange.listing(NAME);
      const ours = desk.data
        .book(NAME)
        ?.levels('bid', 50)
        .map(({ price, size }) => `${price}:${size}`);
      const theirs = listing?.book
        .depth('buy', 50)
        .map(
          ([ticks, lots]) =>
            `${listing.grid.priceOf(ticks).toString()}:${listing.grid.amountOf(lots).toString()}`,
        );
      return desk.data.book(NAME)?.status === 'synced' && ours?.join() === theirs?.join();
    };
    for (let step = 0; step < 30; step += 1) desk.sim.step();
    await desk.until('the same book', agrees);
    desk.sim.exchange.listing(NAME)?.flow.shock(400);
    desk.sim.step();
    desk.sim.cut();
    await desk.until(
      'the losses',
      () => desk.facts.filter((fact) => fact.fact === 'disconnected').length === 2,
    );
    desk.sim.step();
    await desk.ready();
    desk.sim.step();
    await desk.until('the same book after the cut', agrees);
    const kinds = new Set(desk.events.map((event) => event.kind));
    expect([...kinds].sort()).toEqual(['book-delta', 'book-snapshot', 'quote', 'ticker', 'trade']);
    expect(desk.facts.filter((fact) => fact.fact === 'message-refused')).toEqual([]);
  });

  it('an immediate order is acknowledged, filled in contracts with its fee, and shows in the position', async () => {
    const buy = order('buy', '7', '95000');
    desk.trading.submit(buy);
    await desk.until('seven contracts', () => desk.filled(buy.clientOrderId) === 7);
    expect(desk.kinds(buy.clientOrderId)[0]).toBe('acknowledged');
    const fill = desk.of(buy.clientOrderId).find((report) => report.kind === 'filled');
    expect(fill).toMatchObject({ liquidity: 'taker', fee: { currency: 'BTC' } });
    // 5 bp of 70 USD at about 90,000, paid: rounded up to the coin's smallest unit.
    expect(Number(fill?.kind === 'filled' ? fill.fee.amount : 0)).toBeCloseTo(-0.00000039, 8);
    expect(await desk.position()).toBe('7');
    expect(desk.kinds(buy.clientOrderId).filter((kind) => kind === 'acknowledged')).toHaveLength(1);
  });

  it('a partial fill ends with what is left', async () => {
    desk.sim.exchange.faults.partialNext = 3;
    const sell = order('sell', '10', '80000');
    desk.trading.submit(sell);
    await desk.until('its end', () => desk.kinds(sell.clientOrderId).includes('cancelled'));
    expect(desk.filled(sell.clientOrderId)).toBe(3);
    expect(desk.of(sell.clientOrderId).at(-1)).toMatchObject({ kind: 'cancelled', reason: 'IOC_REMAINDER' });
    expect(await desk.position()).toBe('-3');
  });

  it('says what the account holds: positions in contracts, open orders, cash with what has been realised', async () => {
    const buy = order('buy', '7', '95000');
    desk.trading.submit(buy);
    await desk.until('seven contracts', () => desk.filled(buy.clientOrderId) === 7);
    const rest = order('buy', '5', '50000', 'GTC');
    desk.trading.submit(rest);
    await desk.until('a resting order', () => desk.kinds(rest.clientOrderId).includes('acknowledged'));
    const sell = order('sell', '3', '80000');
    desk.trading.submit(sell);
    await desk.until('three sold', () => desk.filled(sell.clientOrderId) === 3);
    desk.trading.reconcile('question-1', 'test');
    await desk.until('the account', () => desk.reports.some(({ kind }) => kind === 'account'));
    const account = desk.reports.find(({ kind }) => kind === 'account');
    expect(account).toMatchObject({
      requestId: 'question-1',
      complete: true,
      positions: [{ instrument: `${NAME}@deribit`, quantity: '4' }],
      openOrders: [{ clientOrderId: rest.clientOrderId, remaining: '5' }],
    });
    const fees = desk.reports.reduce(
      (sum, report) => (report.kind === 'filled' ? sum + Number(report.fee.amount) : sum),
      0,
    );
    const cash = account?.kind === 'account' ? Number(account.balances[0]?.amount) : NaN;
    // What was crossed of the spread, there and back on three small contracts, is less than the coin's smallest unit or two.
    expect(Math.abs(cash - (100 + fees))).toBeLessThan(3e-8);
  });

  it('amends a resting order, and says when it may not', async () => {
    const rest = order('buy', '5', '50000', 'GTC');
    desk.trading.submit(rest);
    await desk.until('a resting order', () => desk.kinds(rest.clientOrderId).includes('acknowledged'));
    desk.trading.amend(amendment(rest.clientOrderId, rest));
    await desk.until('the new terms', () => desk.kinds(rest.clientOrderId).includes('amended'));
    expect(desk.of(rest.clientOrderId).at(-1)).toMatchObject({ quantity: '3', limitPrice: '50000.5' });
    desk.trading.amend(amendment('nobody', rest));
    await desk.until('the refusal', () => desk.kinds('nobody').includes('amend-rejected'));
    expect(desk.of('nobody')[0]).toMatchObject({ reason: '10004 order_not_found' });
  });

  it('an immediate order that meets nobody expires', async () => {
    const low = order('buy', '5', '50000');
    desk.trading.submit(low);
    await desk.until('its end', () => desk.kinds(low.clientOrderId).includes('expired'));
    expect(desk.kinds(low.clientOrderId)).toEqual(['acknowledged', 'expired']);
  });

  it('a refusal is certain, and the next order goes through', async () => {
    desk.sim.exchange.faults.rejectNext = 'funds';
    const first = order('buy', '1', '95000');
    const second = order('buy', '1', '95000');
    desk.trading.submit(first);
    desk.trading.submit(second);
    await desk.until('the second filled', () => desk.filled(second.clientOrderId) === 1);
    await desk.until('the first refused', () => desk.kinds(first.clientOrderId).length > 0);
    expect(desk.of(first.clientOrderId)).toEqual([
      { kind: 'rejected', clientOrderId: first.clientOrderId, reason: '10009 not_enough_funds' },
    ]);
  });

  it('wrong ticks, amounts, outages and throttling come back by their codes', async () => {
    const wrongTick = order('buy', '1', '90000.3');
    desk.trading.submit(wrongTick);
    await desk.until('the tick refused', () => desk.kinds(wrongTick.clientOrderId).includes('rejected'));
    desk.sim.exchange.faults.outage = true;
    const during = order('buy', '1', '95000');
    desk.trading.submit(during);
    await desk.until('the outage', () => desk.kinds(during.clientOrderId).includes('rejected'));
    desk.sim.exchange.faults.outage = false;
    desk.sim.throttle(1);
    const throttled = order('buy', '1', '95000');
    desk.trading.submit(throttled);
    await desk.until('the throttling', () => desk.facts.some((fact) => fact.fact === 'throttled'));
    await desk.until('the throttled order refused', () => desk.kinds(throttled.clientOrderId).length > 0);
    const reasons = desk.reports.flatMap((report) => (report.kind === 'rejected' ? [report.reason] : []));
    expect(reasons).toEqual([
      '10043 price_wrong_tick',
      '11051 system_maintenance',
      '10028 too_many_requests',
    ]);
  });

  it('a passive order waits its turn and is filled as maker', async () => {
    const price = desk.touch('bid');
    const bid = order('buy', '2', price, 'POST_ONLY');
    desk.trading.submit(bid);
    await desk.until('it rests', () => desk.kinds(bid.clientOrderId).includes('acknowledged'));
    const venueOrder = desk.of(bid.clientOrderId)[0];
    const venueOrderId = venueOrder?.kind === 'acknowledged' ? venueOrder.venueOrderId : '';
    expect(desk.sim.exchange.listing(NAME)?.book.queueAhead(venueOrderId)).toBeGreaterThan(0);
    expect(await desk.trading.standing()).toMatchObject([
      { clientOrderId: bid.clientOrderId, remaining: '2' },
    ]);
    // The market falls through it.
    desk.sim.exchange.listing(NAME)?.flow.shock(-40);
    desk.sim.step();
    await desk.until('two contracts as maker', () => desk.filled(bid.clientOrderId) === 2);
    expect(desk.of(bid.clientOrderId).at(-1)).toMatchObject({ kind: 'filled', liquidity: 'maker', price });
    const crossing = order('buy', '1', '95000', 'POST_ONLY');
    desk.trading.submit(crossing);
    await desk.until('a post-only order that would take', () =>
      desk.kinds(crossing.clientOrderId).includes('rejected'),
    );
    expect(desk.of(crossing.clientOrderId)[0]).toMatchObject({ reason: '11054 post_only_reject' });
  });

  it('a cancelled order ends once, with what it had filled', async () => {
    const bid = order('buy', '4', '70000', 'GTC');
    desk.trading.submit(bid);
    await desk.until('it rests', () => desk.kinds(bid.clientOrderId).includes('acknowledged'));
    desk.trading.cancel(bid.clientOrderId);
    desk.trading.cancel(bid.clientOrderId);
    await desk.until('its end', () => desk.kinds(bid.clientOrderId).includes('cancelled'));
    expect(await desk.position()).toBe('0');
    expect(desk.kinds(bid.clientOrderId)).toEqual(['acknowledged', 'cancelled']);
  });

  it('an order whose answer was lost is unknown, and known after asking: it had been filled', async () => {
    desk.sim.connectionFaults.loseAnswerNext = true;
    const lost = order('buy', '5', '95000');
    desk.trading.submit(lost);
    await desk.until('no answer', () => desk.kinds(lost.clientOrderId).includes('no-answer'));
    expect(desk.of(lost.clientOrderId)).toEqual([
      { kind: 'no-answer', clientOrderId: lost.clientOrderId, reason: 'CONNECTION_LOST' },
    ]);
    await desk.ready();
    desk.trading.query(lost.clientOrderId);
    await desk.until('five contracts', () => desk.filled(lost.clientOrderId) === 5);
    expect(await desk.position()).toBe('5');
    // Asked again, everything is said again: the journal knows fills by their ids.
    const before = desk.of(lost.clientOrderId).length;
    desk.trading.query(lost.clientOrderId);
    await desk.until('the same again', () => desk.of(lost.clientOrderId).length > before);
    const ids = desk
      .of(lost.clientOrderId)
      .flatMap((report) => (report.kind === 'filled' ? [report.fillId] : []));
    expect(new Set(ids).size).toBe(ids.length / 2);
  });

  it('an order that never arrived is unknown, and not found after asking', async () => {
    desk.sim.connectionFaults.loseOrderNext = true;
    const lost = order('buy', '5', '95000');
    desk.trading.submit(lost);
    await desk.until('no answer', () => desk.kinds(lost.clientOrderId).includes('no-answer'));
    await desk.ready();
    desk.trading.query(lost.clientOrderId);
    await desk.until('not found', () => desk.kinds(lost.clientOrderId).includes('not-found'));
    expect(await desk.position()).toBe('0');
  });

  it('a trade made by hand on the account is told by the venue’s own ids', async () => {
    const clock = (): bigint => BigInt(Date.now()) * MS;
    const quiet = (): void => undefined;
    const byHand = new VenueTrading(
      { clock, onReport: quiet, onFact: quiet, onNote: quiet, onReady: () => desk.signal.notify() },
      (hearing) =>
        new DeribitRoutes({
          clock,
          url: desk.sim.url,
          backoff: BACKOFF,
          tickMs: 5,
          credentials: new Credentials('desk', SECRET),
          specifications: [perpetual()],
          random: createRandom('by hand'),
          requestTimeoutNs: 2000n * MS,
          hearing,
        }),
    );
    byHand.start();
    await desk.signal.until('the second login', () => byHand.ready);
    const told = desk.reports.length;
    byHand.submit({ ...order('buy', '10', '1000000'), clientOrderId: '' });
    const filled = (): VenueReport | undefined =>
      desk.reports.slice(told).find(({ kind }) => kind === 'filled');
    await desk.signal.until('the trade', () => filled() !== undefined);
    expect(filled()).toMatchObject({
      clientOrderId: expect.stringMatching(/./),
      fillId: expect.stringMatching(/./),
      trade: {
        venueOrderId: expect.stringMatching(/./),
        instrument: `${NAME}@deribit`,
        side: 'buy',
        at: expect.stringMatching(/Z$/),
      },
    });
    await byHand.stop('over');
  });

  it('the same label twice is one order', async () => {
    const buy = order('buy', '3', '95000');
    desk.trading.submit(buy);
    desk.trading.submit(buy);
    await desk.until(
      'both answers',
      () => desk.sim.exchange.duplicates === 1 && desk.filled(buy.clientOrderId) === 3,
    );
    expect(await desk.position()).toBe('3');
    expect(desk.filled(buy.clientOrderId)).toBe(3);
  });
});

describe('what a connection leaves behind', () => {
  const withDesk = async (protects: boolean, work: (desk: Desk) => Promise<void>): Promise<void> => {
    const desk = await (await Desk.open(SECRET, undefined, protects)).ready();
    try {
      await work(desk);
    } finally {
      await desk.close();
    }
  };
  const open = (desk: Desk): string[] =>
    desk.sim.exchange
      .ordersOf('desk')
      .filter(({ state }) => state === 'open')
      .map(({ label }) => label);
  const rest = async (desk: Desk, price = '70000'): Promise<VenueOrder> => {
    const bid = order('buy', '4', price, 'GTC');
    desk.trading.submit(bid);
    await desk.until('it rests', () => desk.kinds(bid.clientOrderId).includes('acknowledged'));
    return bid;
  };
  const byHand = (desk: Desk): void => {
    const request = { instrument: NAME, direction: 'buy', amount: '10', price: '60000', label: '' } as const;
    const terms = { timeInForce: 'good_til_cancelled', type: 'limit' } as const;
    const plain = { postOnly: false, rejectPostOnly: false, reduceOnly: false } as const;
    desk.sim.exchange.place('desk', { ...request, ...terms, ...plain }, Date.now());
  };

  it('is taken back by the exchange when the connection is cut, its own orders alone; and that is on record', () =>
    withDesk(true, async (desk) => {
      expect(desk.notes).toEqual([
        { what: 'cancel-on-disconnect', instrument: '', detail: 'on, scope connection' },
      ]);
      await rest(desk);
      byHand(desk);
      expect(open(desk)).toHaveLength(2);
      desk.sim.cut();
      await desk.until('the loss', () => !desk.trading.ready);
      expect(open(desk)).toEqual(['']);
    }));

  it('stays where another process goes on with the account', () =>
    withDesk(true, async (desk) => {
      const bid = await rest(desk);
      await desk.trading.stop('handed-over');
      while (desk.sim.connections > 1) await new Promise(setImmediate);
      expect(open(desk)).toEqual([bid.clientOrderId]);
    }));

  it('goes where nobody does', () =>
    withDesk(true, async (desk) => {
      await rest(desk);
      await desk.trading.stop('over');
      while (desk.sim.connections > 1) await new Promise(setImmediate);
      expect(open(desk)).toEqual([]);
    }));

  it('is listed and taken back as a whole, other people’s orders too', () =>
    withDesk(true, async (desk) => {
      const bids = [await rest(desk), await rest(desk, '71000')];
      byHand(desk);
      expect((await desk.trading.standing())?.map(({ remaining }) => remaining)).toEqual(['4', '4', '1']);
      expect(desk.trading.cancelAll()).toBe('sent');
      await desk.until('the ends', () =>
        bids.every(({ clientOrderId }) => desk.kinds(clientOrderId).includes('cancelled')),
      );
      expect(await desk.trading.standing()).toEqual([]);
    }));

  it('is said not to have been asked for while there is no connection', () =>
    withDesk(false, async (desk) => {
      expect(desk.notes.map(({ detail }) => detail)).toEqual(['off by setting']);
      const bid = await rest(desk);
      desk.sim.cut();
      await desk.until('the loss', () => !desk.trading.ready);
      expect(open(desk)).toEqual([bid.clientOrderId]);
      expect([desk.trading.cancel(bid.clientOrderId), desk.trading.cancelAll()]).toEqual([
        'not-connected',
        'not-connected',
      ]);
      expect(await desk.trading.standing()).toBeUndefined();
      await desk.ready();
      expect(desk.trading.cancel(bid.clientOrderId)).toBe('sent');
      await desk.until('the end', () => desk.kinds(bid.clientOrderId).includes('cancelled'));
    }));

  it('a fill that happens while nobody listens is found by asking', () =>
    withDesk(false, async (desk) => {
      const bid = order('buy', '2', desk.touch('bid'), 'GTC');
      desk.trading.submit(bid);
      await desk.until('it rests', () => desk.kinds(bid.clientOrderId).includes('acknowledged'));
      desk.sim.cut();
      await desk.until('the loss', () => !desk.trading.ready);
      desk.sim.exchange.listing(NAME)?.flow.shock(-40);
      desk.sim.step();
      await desk.ready();
      expect(desk.filled(bid.clientOrderId)).toBe(0);
      desk.trading.query(bid.clientOrderId);
      await desk.until('two contracts', () => desk.filled(bid.clientOrderId) === 2);
    }));
});

describe('over a slow line', () => {
  it('answers and notifications arrive late and in order, and every order still ends right', async () => {
    const random = createRandom('latency');
    const desk = await (await Desk.open(SECRET, () => random.integer(12))).ready();
    try {
      const orders = Array.from({ length: 12 }, (_, index) =>
        order(index % 2 === 0 ? 'buy' : 'sell', '2', index % 2 === 0 ? '95000' : '85000'),
      );
      for (const each of orders) {
        desk.trading.submit(each);
        desk.sim.step();
      }
      await desk.until('twelve fills', () => orders.every((each) => desk.filled(each.clientOrderId) === 2));
      expect(await desk.position()).toBe('0');
      await desk.until('a sound book', () => desk.data.book(NAME)?.status === 'synced');
      expect(desk.facts.filter((fact) => fact.fact === 'book' && fact.what.fact === 'sequence-gap')).toEqual(
        [],
      );
    } finally {
      await desk.close();
    }
  });
});

describe('logging in', () => {
  it('with a wrong secret is refused, on record, and no order leaves', async () => {
    const desk = await Desk.open('wrong');
    try {
      await desk.until('the refusal', () =>
        desk.facts.some((fact) => fact.fact === 'venue-error' && fact.code === 'LOGIN'),
      );
      const early = order('buy', '1', '95000');
      desk.trading.submit(early);
      expect(desk.of(early.clientOrderId)).toMatchObject([
        { kind: 'rejected', reason: 'VENUE_NOT_CONNECTED' },
      ]);
      expect(desk.sim.exchange.ordersOf('desk')).toEqual([]);
      expect(await desk.trading.holdings()).toMatchObject({ complete: false });
      expect(await desk.trading.standing()).toBeUndefined();
    } finally {
      await desk.close();
    }
  });
});
