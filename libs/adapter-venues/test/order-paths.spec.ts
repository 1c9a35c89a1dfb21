import { BINANCE_CONNECTOR, openBinanceSim, type BinanceSim } from '@evenkeel/adapter-venue-binance';
import { LiveFeed } from '../src/live/live-feed';
import { placeOf, planFeeds } from '../src/live/feed-plan';
import { VENUE_PROTOCOLS, connectionOf } from '../src/venue-protocols';
import { BYBIT_CONNECTOR, bybitListing, openBybitSim } from '@evenkeel/adapter-venue-bybit';
import {
  HYPERLIQUID_CONNECTOR,
  HYPERLIQUID_WORDS,
  addressOf,
  hyperliquidListing,
  openHyperliquidSim,
} from '@evenkeel/adapter-venue-hyperliquid';
import { OKX_CONNECTOR, PASSPHRASE, okxListing, openOkxSim } from '@evenkeel/adapter-venue-okx';
import type { VenueOrder } from '@evenkeel/execution';
import { reportSubject, type VenueReport } from '@evenkeel/facts';
import { specificationOf, tradeFee, contractOf } from '@evenkeel/instruments';
import { Decimal, createRandom, required, uuidV5 } from '@evenkeel/kernel';
import {
  simListing,
  type ListingWords,
  type SimInstrument,
  type SimAccounts,
  type VenueServer,
  type VenueServerOptions,
} from '@evenkeel/local-exchange';
import { Signal } from '@evenkeel/testkit';
import { createVenueConnection } from '@evenkeel/venue-wire';
import type { ConnectorDefinition, VenueConnector, VenueNote } from '@evenkeel/venues';

const MS = 1_000_000n;
const CLIENT = { clientId: 'desk', clientSecret: 'sim-secret-that-must-not-show' };
const OTHER = { clientId: 'other', clientSecret: 'another-secret' };
const BOOK = 'b';

interface Path {
  readonly name: string;
  readonly instrument: string;
  readonly connector: ConnectorDefinition;
  readonly listing: (ids: readonly string[]) => readonly SimInstrument[];
  readonly words: ListingWords;
  /** What its settings say besides where it is. */
  readonly settings?: object;
  /** Where a key has a form of its own. */
  readonly client?: typeof CLIENT;
  /** It has no way to change an order that loses nothing. */
  readonly amends?: false;
  open(options: VenueServerOptions & SimAccounts): Promise<VenueServer>;
}

const BYBIT = {
  connector: BYBIT_CONNECTOR as ConnectorDefinition, // settings are read by it alone
  words: {
    venue: 'bybit',
    nameOf: (id: string) => id.replace(/(-PERP)?@bybit$/, ''),
    amountPerContract: ({ contractSize }: { contractSize: string }) => contractSize,
  },
  listing: bybitListing,
  open: openBybitSim,
};
const OKX = {
  connector: OKX_CONNECTOR as ConnectorDefinition, // settings are read by it alone
  words: { venue: 'okx', nameOf: (id: string) => id.replace(/@okx$/, ''), amountPerContract: () => '1' },
  listing: okxListing,
  open: openOkxSim,
};

const BINANCE_WORDS: ListingWords = {
  venue: 'binance',
  nameOf: (id) => id.replace(/USDT-PERP@binance$/, 'USDT').replace(/-PERP@binance$/, '_PERP'),
  amountPerContract: ({ inverse, contractSize }) => (inverse ? '1' : contractSize),
};
const BINANCE = {
  connector: BINANCE_CONNECTOR as ConnectorDefinition, // settings are read by it alone
  words: BINANCE_WORDS,
  listing: (ids: readonly string[]) => simListing(ids, BINANCE_WORDS),
  settings: { disconnectSeconds: 10 },
  open: openBinanceSim,
};

/** The keys of the Ethereum tests of the world, which hold nothing. */
const WALLET = { clientId: 'desk', clientSecret: '0123456789'.repeat(6) + '0123' };
const HYPERLIQUID = {
  connector: HYPERLIQUID_CONNECTOR as ConnectorDefinition, // settings are read by it alone
  words: HYPERLIQUID_WORDS,
  listing: hyperliquidListing,
  settings: { disconnectSeconds: 10 },
  client: WALLET,
  amends: false as const,
  open: openHyperliquidSim,
};

const PATHS: readonly Path[] = [
  { name: 'Binance USD-M', instrument: 'BTCUSDT-PERP@binance', ...BINANCE },
  { name: 'Binance COIN-M', instrument: 'BTCUSD-PERP@binance', ...BINANCE },
  { name: 'Bybit linear', instrument: 'BTCUSDT-PERP@bybit', ...BYBIT },
  { name: 'Bybit inverse', instrument: 'BTCUSD-PERP@bybit', ...BYBIT },
  { name: 'OKX linear swap', instrument: 'BTC-USDT-SWAP@okx', ...OKX },
  { name: 'OKX inverse swap', instrument: 'BTC-USD-SWAP@okx', ...OKX },
  { name: 'Hyperliquid', instrument: 'BTC-PERP@hyperliquid', ...HYPERLIQUID },
  { name: 'a builder’s market at Hyperliquid', instrument: 'xyz:TSLA-PERP@hyperliquid', ...HYPERLIQUID },
];

const ENVIRONMENT = {
  EK_BINANCE_KEY: CLIENT.clientId,
  EK_BINANCE_SECRET: CLIENT.clientSecret,
  EK_BYBIT_KEY: CLIENT.clientId,
  EK_BYBIT_SECRET: CLIENT.clientSecret,
  EK_OKX_KEY: CLIENT.clientId,
  EK_OKX_SECRET: CLIENT.clientSecret,
  EK_OKX_PASSPHRASE: PASSPHRASE,
  EK_HYPERLIQUID_KEY: addressOf(WALLET.clientSecret),
  EK_HYPERLIQUID_SECRET: WALLET.clientSecret,
};

/** The real connector against the venue's protocol on real sockets; time can be put forward for both. */
class Desk {
  readonly signal = new Signal();
  readonly reports: VenueReport[] = [];
  readonly notes: VenueNote[] = [];
  ready = 0;
  aheadMs = 0;
  /** The connector's clock against the venue's. */
  behindMs = 0;
  sim!: VenueServer;
  connector!: VenueConnector;
  private serial = 0;

  constructor(readonly path: Path) {}

  static async open(path: Path, environment: Readonly<Record<string, string>> = ENVIRONMENT): Promise<Desk> {
    const desk = new Desk(path);
    const listed = path.listing([path.instrument]);
    desk.sim = await path.open({
      instruments: listed,
      clients: path.client === undefined ? [CLIENT, OTHER] : [path.client],
      flow: { seed: 'order-paths', moveMax: 0, takerChance: 0, lotsMax: 40_000 },
      nowMs: () => Date.now() + desk.aheadMs,
    });
    desk.connector = desk.connect(environment);
    desk.connector.start({ positions: new Map(), cash: new Map() });
    return desk;
  }

  connect(environment: Readonly<Record<string, string>>, instrumentOf?: () => string): VenueConnector {
    const { path, sim } = this;
    const settings = path.connector.settings.parse({ ...sim.access, ...path.settings });
    const clock = (): bigint => BigInt(Date.now() + this.aheadMs - this.behindMs) * MS;
    const connector: VenueConnector = path.connector.connect(settings, { clock, environment, life: 'one' })(
      { book: BOOK, venue: path.words.venue, specifications: [this.spec] },
      {
        onNews: () => {
          for (let due = connector.due(); due !== undefined; due = connector.due()) {
            this.reports.push(due.report);
            connector.settled(due.id, due.at);
          }
          this.signal.notify();
        },
        onNote: (note) => {
          this.notes.push(note);
          this.signal.notify();
        },
        onReady: () => {
          this.ready += 1;
          this.signal.notify();
        },
        ...(instrumentOf === undefined ? {} : { instrumentOf }),
      },
    );
    return connector;
  }

  get spec() {
    const spec = specificationOf(this.path.instrument);
    if (!spec.ok) throw new Error(spec.failure.message);
    return spec.value;
  }

  get listing() {
    return required(this.sim.exchange.listing(this.path.words.nameOf(this.path.instrument)), 'the listing');
  }

  /** So many ticks above the fair price. */
  price(ticks: number): string {
    return this.listing.grid.priceOf(this.listing.flow.fair + ticks).toString();
  }

  /** So many of the smallest quantities. */
  lots(count: number): string {
    return Decimal.parse(this.spec.lotSize).times(Decimal.ofInteger(count)).toString();
  }

  order(side: 'buy' | 'sell', lots: number, ticks: number, timeInForce = 'IOC'): VenueOrder {
    this.serial += 1;
    return {
      clientOrderId: uuidV5(`${this.path.name}/${this.serial}`),
      book: BOOK,
      venue: this.path.words.venue,
      instrument: this.path.instrument,
      side,
      quantity: this.lots(lots),
      orderType: 'limit',
      timeInForce,
      limitPrice: this.price(ticks),
    };
  }

  send(...order: Parameters<Desk['order']>): string {
    const sent = this.order(...order);
    this.connector.submit(sent, 0n);
    return sent.clientOrderId;
  }

  of(id: string): VenueReport[] {
    return this.reports.filter((report) => reportSubject(report) === id);
  }

  kinds(id: string): string[] {
    return this.of(id).map(({ kind }) => kind);
  }

  filled(id: string): string {
    return this.of(id)
      .reduce(
        (sum, report) => (report.kind === 'filled' ? sum.plus(Decimal.parse(report.quantity)) : sum),
        Decimal.ZERO,
      )
      .toString();
  }

  until(what: string, condition: () => boolean): Promise<void> {
    return this.signal.until(
      `${what}; ${JSON.stringify([this.reports.slice(-6), this.notes.slice(-4)])}`,
      condition,
    );
  }

  async untilReady(): Promise<this> {
    await this.until('the login', () => this.ready > 0);
    return this;
  }

  async account(): Promise<Extract<VenueReport, { kind: 'account' }>> {
    const before = this.reports.length;
    this.connector.reconcile(`ask-${before}`, 0n);
    const found = () => this.reports.slice(before).find(({ kind }) => kind === 'account');
    await this.until('the account', () => found() !== undefined);
    return found() as Extract<VenueReport, { kind: 'account' }>; // just found
  }

  async close(): Promise<void> {
    await this.connector.stop('over');
    await this.sim.close();
  }
}

describe.each(PATHS)('orders at $name', (path) => {
  let desk: Desk;

  beforeEach(async () => {
    desk = await (await Desk.open(path)).untilReady();
  });
  afterEach(() => desk.close());

  it('fill, with the fee that the terms ask for, and the account holds what was bought', async () => {
    const before = await desk.account();
    expect(before).toMatchObject({ complete: true, positions: [], openOrders: [] });
    const id = desk.send('buy', 300, 12);
    await desk.until('the fill', () => desk.filled(id) === desk.lots(300));
    expect(desk.kinds(id)[0]).toBe('acknowledged');
    expect(new Set(desk.kinds(id))).toEqual(new Set(['acknowledged', 'filled']));
    const contract = contractOf(desk.spec);
    let cash = Decimal.ZERO;
    for (const report of desk.of(id)) {
      if (report.kind !== 'filled') continue;
      const fee = tradeFee(contract, {
        quantity: Decimal.parse(report.quantity),
        price: Decimal.parse(report.price),
        rate: Decimal.parse(desk.spec.takerFee),
        rounding: 'ceil',
      });
      expect(report.fee).toEqual({ currency: desk.spec.settlement, amount: fee.negated().toString() });
      expect(report).toMatchObject({
        liquidity: 'taker',
        trade: { instrument: path.instrument, side: 'buy' },
      });
      cash = cash.minus(fee);
    }
    const after = await desk.account();
    expect(after.positions).toEqual([{ instrument: path.instrument, quantity: desk.lots(300) }]);
    const [was, is] = [before, after].map(({ balances }) => Decimal.parse(balances[0]?.amount ?? ''));
    expect(is?.minus(was ?? Decimal.ZERO).toString()).toBe(cash.toString());
    const short = desk.send('sell', 500, -12);
    await desk.until('the turn', () => desk.filled(short) === desk.lots(500));
    expect((await desk.account()).positions).toEqual([
      { instrument: path.instrument, quantity: desk.lots(-200) },
    ]);
  });

  it('meet a market that the price core hears of', async () => {
    const random = createRandom('feed');
    const plan = planFeeds([path.instrument], { rhythm: 1_000n * MS, witnesses: [] });
    const urls = new Map(Object.entries(desk.sim.feeds));
    const clock = (): bigint => BigInt(Date.now()) * MS;
    const feed = new LiveFeed({ plan, clock, random, urls, onFact: () => undefined });
    feed.start();
    try {
      let price: string | undefined;
      for (let tries = 0; tries < 100 && price === undefined; tries += 1) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        desk.sim.step();
        price = feed.instant(clock()).prices[0]?.price;
      }
      expect(price).toBe(desk.price(0));
      expect(feed.standing.open).toBe(feed.standing.all);
    } finally {
      await feed.stop();
    }
  });

  it('rest, are listed, change their terms, and are taken back', async () => {
    const id = desk.send('buy', 10, -40, 'GTC');
    await desk.until('the order', () => desk.kinds(id).includes('acknowledged'));
    expect(await desk.connector.openOrders()).toEqual([
      { clientOrderId: id, instrument: path.instrument, remaining: desk.lots(10) },
    ]);
    const terms = { quantity: desk.lots(7), limitPrice: desk.price(-41) };
    const { venue } = path.words;
    if (path.amends !== false) {
      desk.connector.amend(
        { kind: 'amend', clientOrderId: id, book: BOOK, venue, instrument: path.instrument, ...terms },
        0n,
      );
      await desk.until('the change', () => desk.kinds(id).includes('amended'));
      expect(desk.of(id).at(-1)).toMatchObject(terms);
      expect(await desk.connector.openOrders()).toMatchObject([{ remaining: desk.lots(7) }]);
    }
    expect(desk.connector.cancel(id, 0n)).toBe('sent');
    await desk.until('the end', () => desk.kinds(id).includes('cancelled'));
    desk.connector.amend(
      { kind: 'amend', clientOrderId: id, book: BOOK, venue, instrument: path.instrument, ...terms },
      0n,
    );
    await desk.until('the refusal', () => desk.kinds(id).includes('amend-rejected'));
    const changed = path.amends === false ? [] : ['amended'];
    expect(desk.kinds(id)).toEqual(['acknowledged', ...changed, 'cancelled', 'amend-rejected']);
  });

  it('end as they were meant to: what would take, what found nothing, and what found a part', async () => {
    const taker = desk.send('buy', 10, 12, 'POST_ONLY');
    await desk.until('the refusal', () => desk.kinds(taker).includes('rejected'));
    const nothing = desk.send('buy', 10, -40);
    await desk.until('the end', () => desk.kinds(nothing).includes('expired'));
    desk.sim.exchange.faults.partialNext = 4;
    const part = desk.send('buy', 10, 12);
    await desk.until('the end', () => desk.kinds(part).includes('cancelled'));
    expect(desk.filled(part)).toBe(desk.lots(4));
    expect(desk.kinds(part).at(-1)).toBe('cancelled');
    const whole = desk.send('buy', 400_000_000, 1, 'FOK');
    await desk.until('the end', () =>
      desk.kinds(whole).some((kind) => kind === 'expired' || kind === 'rejected'),
    );
    expect(desk.filled(whole)).toBe('0');
  });

  it('that are refused are so for certain, by the venue’s code', async () => {
    desk.sim.exchange.faults.rejectNext = 'funds';
    const id = desk.send('buy', 10, 12);
    await desk.until('the refusal', () => desk.kinds(id).includes('rejected'));
    expect(desk.of(id)[0]).toMatchObject({ reason: expect.stringMatching(/^(110007|51008|-2019|MARGIN) /) });
    desk.sim.throttle(1);
    const late = desk.send('buy', 10, 12);
    await desk.until('the refusal', () => desk.kinds(late).includes('rejected'));
    expect(desk.kinds(late)).toEqual(['rejected']);
  });

  it('whose answer was lost are asked for, and are not there twice', async () => {
    desk.sim.connectionFaults.loseAnswerNext = true;
    const order = desk.order('buy', 10, 12);
    const id = order.clientOrderId;
    desk.connector.submit(order, 0n);
    await desk.until('the open outcome', () => desk.kinds(id).includes('no-answer'));
    desk.connector.query(id, 0n);
    await desk.until(
      'what became of it',
      () => desk.kinds(id).filter((kind) => kind === 'acknowledged').length >= 1,
    );
    await desk.until('its fill', () => desk.filled(id) !== '0');
    // Sent again by somebody who knows no better: the venue takes an id once.
    desk.connector.submit(order, 0n);
    await desk.until(
      'the second outcome',
      () => desk.kinds(id).filter((kind) => kind === 'no-answer').length === 2,
    );
    expect((await desk.account()).positions).toEqual([
      { instrument: path.instrument, quantity: desk.lots(10) },
    ]);
  });

  it('that never arrived are not found, but only once they can’t arrive any more', async () => {
    desk.sim.connectionFaults.loseOrderNext = true;
    const id = desk.send('buy', 10, 12);
    await desk.until('the open outcome', () => desk.kinds(id).includes('no-answer'));
    desk.connector.query(id, 0n);
    await desk.until('the first answer', () => desk.kinds(id).length === 2);
    expect(desk.of(id)[1]).toMatchObject({ kind: 'no-answer', reason: 'MAY_STILL_ARRIVE' });
    desk.aheadMs += 8_000;
    desk.connector.query(id, 0n);
    await desk.until('the last answer', () => desk.kinds(id).includes('not-found'));
    expect((await desk.account()).positions).toEqual([]);
  });

  it('that fill while nobody hears are found by a question', async () => {
    const id = desk.send('buy', 10, -3, 'GTC');
    await desk.until('the order', () => desk.kinds(id).includes('acknowledged'));
    desk.sim.cut();
    desk.sim.exchange.cancelAll('desk', Date.now(), () => false);
    desk.listing.flow.shock(-20);
    desk.sim.step();
    await desk.until('the next login', () => desk.ready === 2);
    desk.connector.query(id, 0n);
    await desk.until('the fill', () => desk.filled(id) === desk.lots(10));
    const fill = desk.of(id).find(({ kind }) => kind === 'filled');
    expect(fill).toMatchObject({
      liquidity: 'maker',
      price: desk.listing.grid.priceOf(desk.listing.flow.fair + 17).toString(),
    });
  });

  it('are all taken back at once, those of other hands too, and one that is unknown does no harm', async () => {
    const own = desk.send('buy', 10, -40, 'GTC');
    const hand = desk.order('buy', 5, -41, 'GTC');
    desk.connector.submit({ ...hand, clientOrderId: '' }, 0n);
    await desk.until('both', () => desk.reports.filter(({ kind }) => kind === 'acknowledged').length === 2);
    const open = await desk.connector.openOrders();
    expect(open?.map(({ remaining }) => remaining).sort()).toEqual([desk.lots(10), desk.lots(5)].sort());
    desk.connector.cancel(uuidV5('nobody knows it'), 0n);
    desk.connector.cancelAll(0n);
    await desk.until(
      'the end of both',
      () => desk.reports.filter(({ kind }) => kind === 'cancelled').length === 2,
    );
    expect(await desk.connector.openOrders()).toEqual([]);
    expect(desk.kinds(own)).toEqual(['acknowledged', 'cancelled']);
    expect(desk.notes.filter(({ what }) => what === 'venue-error')).toEqual([]);
  });

  it('of a life before are found, and taken back, by who never saw them', async () => {
    const [first, second] = [desk.send('buy', 10, -40, 'GTC'), desk.send('buy', 20, -41, 'GTC')];
    const acknowledged = (): number => desk.reports.filter(({ kind }) => kind === 'acknowledged').length;
    await desk.until('both', () => acknowledged() === 2);
    for (const instrumentOf of [undefined, () => path.instrument]) {
      desk.ready = 0;
      const next = desk.connect(ENVIRONMENT, instrumentOf);
      next.start({ positions: new Map(), cash: new Map() });
      await desk.untilReady();
      const id = instrumentOf === undefined ? first : second;
      const before = desk.of(id).length;
      next.query(id, 0n);
      await desk.until('the answer', () => desk.of(id).length > before);
      expect(desk.of(id).at(-1)?.kind).toBe('acknowledged');
      await next.stop('handed-over');
      const last = desk.connect(ENVIRONMENT, instrumentOf);
      desk.ready = 0;
      last.start({ positions: new Map(), cash: new Map() });
      await desk.untilReady();
      last.cancel(id, 0n);
      await desk.until('the end', () => desk.kinds(id).includes('cancelled'));
      await last.stop('over');
    }
    expect(await desk.connector.openOrders()).toEqual([]);
  });

  it('that rest are taken back by the venue when nobody looks after them', async () => {
    const id = desk.send('buy', 10, -40, 'GTC');
    await desk.until('the order', () => desk.kinds(id).includes('acknowledged'));
    expect(desk.notes).toContainEqual(
      expect.objectContaining({ what: 'cancel-on-disconnect', detail: expect.stringMatching(/^on, /) }),
    );
    await desk.connector.stop('over');
    const rests = (): boolean => desk.sim.exchange.ordersOf('desk').some(({ state }) => state === 'open');
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(rests()).toBe(true);
    desk.aheadMs += 20_000;
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(rests()).toBe(false);
  });
});

describe.each([PATHS[0], PATHS[2], PATHS[4], PATHS[6]].map((path) => required(path, 'a path')))(
  'an account at $name',
  (path) => {
    it('with a wrong key sends nothing and says why', async () => {
      const wrong = {
        ...ENVIRONMENT,
        EK_BINANCE_SECRET: 'wrong',
        EK_BYBIT_SECRET: 'wrong',
        EK_OKX_SECRET: 'wrong',
        EK_HYPERLIQUID_SECRET: '9'.repeat(64),
      };
      const desk = await Desk.open(path, wrong);
      try {
        const id = desk.send('buy', 10, 12);
        await desk.until('the trouble', () =>
          desk.notes.some(({ what, detail }) => what === 'venue-error' && detail.startsWith('LOGIN')),
        );
        expect(desk.of(id)).toMatchObject([{ kind: 'rejected', reason: 'VENUE_NOT_CONNECTED' }]);
        expect(desk.connector.cancel(id, 0n)).toBe('not-connected');
        expect(JSON.stringify([desk.notes, desk.reports])).not.toContain(CLIENT.clientSecret);
        expect(JSON.stringify([desk.notes, desk.reports])).not.toContain('9'.repeat(64));
        expect(desk.ready).toBe(0);
      } finally {
        await desk.close();
      }
    });

    it('sends nothing where the clocks are apart, for certain', async () => {
      const desk = await (await Desk.open(path)).untilReady();
      try {
        desk.behindMs = 60_000;
        const sent = desk.order('buy', 10, 12);
        desk.connector.submit(sent, 0n);
        await desk.until('an outcome', () => desk.kinds(sent.clientOrderId).length > 0);
        expect(desk.kinds(sent.clientOrderId)[0]).toBe('rejected');
      } finally {
        await desk.close();
      }
    });
  },
);

describe.each(PATHS.slice(0, 2))('orders at $name, in its own ways,', (path) => {
  let desk: Desk;
  let sim: BinanceSim;

  beforeEach(async () => {
    desk = await (await Desk.open(path)).untilReady();
    sim = desk.sim as BinanceSim; // opened by the path
  });
  afterEach(() => desk.close());

  it('have a market that is told over as many connections as the venue wants', async () => {
    const heard = new Map<string, Set<string>>();
    const place = required(placeOf(path.instrument), path.instrument);
    const names = [
      ...new Set((['book', 'funding'] as const).map((channel) => connectionOf(place.feed, channel))),
    ];
    // Everything is asked of each: what an address does not tell, it acknowledges and keeps to itself.
    const connections = names.map((name) =>
      createVenueConnection({
        protocol: required(VENUE_PROTOCOLS.get(name), name),
        url: required(sim.feeds[name], name),
        subscriptions: (['quote', 'funding'] as const).map((channel) => ({ channel, symbol: place.symbol })),
        clock: () => BigInt(Date.now()) * MS,
        random: createRandom(name),
        onEvent: ({ kind }) => void heard.set(name, (heard.get(name) ?? new Set()).add(kind)),
        onFact: () => undefined,
      }),
    );
    const kinds = (): string[] => [...heard.values()].flatMap((some) => [...some]);
    connections.forEach((connection) => connection.start());
    try {
      for (
        let tries = 0;
        tries < 250 && !['quote', 'ticker'].every((kind) => kinds().includes(kind));
        tries += 1
      ) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        sim.step();
      }
    } finally {
      await Promise.all(connections.map((connection) => connection.stop()));
    }
    const isInverse = path.instrument === 'BTCUSD-PERP@binance';
    expect([...heard].map(([name, some]) => [name, some.has('quote'), some.has('ticker')])).toEqual(
      isInverse
        ? [['binance-coin-m', true, true]]
        : expect.arrayContaining([
            ['binance-usd-m', true, false],
            ['binance-usd-m-market', false, true],
          ]),
    );
  });

  it('whose status it does not know itself are asked for', async () => {
    sim.binance.faults.statusUnknownNext = true;
    const id = desk.send('buy', 10, 12);
    await desk.until('the open outcome', () => desk.kinds(id).includes('no-answer'));
    expect(desk.of(id).find(({ kind }) => kind === 'no-answer')).toMatchObject({
      reason: expect.stringContaining('-1007'),
    });
    desk.connector.query(id, 0n);
    await desk.until('the fill', () => Number(desk.filled(id)) > 0);
    expect((await desk.account()).positions).toEqual([
      { instrument: path.instrument, quantity: desk.lots(10) },
    ]);
  });

  it('sent twice are one, though it would take the id of an order that is over once more', async () => {
    const order = desk.order('buy', 10, 12);
    const id = order.clientOrderId;
    desk.connector.submit(order, 0n);
    await desk.until('the fill', () => desk.filled(id) === desk.lots(10));
    desk.connector.submit(order, 0n);
    await desk.until('the second outcome', () => desk.kinds(id).includes('no-answer'));
    expect(desk.of(id).at(-1)).toMatchObject({ reason: 'SENT_BEFORE' });
    expect((await desk.account()).positions).toEqual([
      { instrument: path.instrument, quantity: desk.lots(10) },
    ]);
  });

  it('are heard again once the key of the stream has run out', async () => {
    const rests = desk.send('buy', 10, -3, 'GTC');
    await desk.until('the order', () => desk.kinds(rests).includes('acknowledged'));
    sim.binance.expireKeys();
    await desk.until('the next login', () => desk.ready === 2);
    const id = desk.send('sell', 10, -12);
    await desk.until('the fill', () => desk.filled(id) === desk.lots(10));
    desk.connector.cancel(rests, 0n);
    await desk.until('the end', () => desk.kinds(rests).includes('cancelled'));
  });

  it('leave again as soon as the clocks agree once more', async () => {
    desk.behindMs = 60_000;
    const late = desk.send('buy', 10, 12);
    await desk.until('the refusal', () => desk.kinds(late).includes('rejected'));
    expect(desk.of(late)[0]).toMatchObject({ reason: expect.stringMatching(/^-1021 /) });
    for (let tries = 0; tries < 50; tries += 1) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      const id = desk.send('buy', 10, 12);
      await desk.until('an outcome', () => desk.kinds(id).length > 0);
      if (desk.kinds(id)[0] === 'acknowledged') return;
    }
    throw new Error('the clock was never set');
  });
});

it.each([PATHS[0], PATHS[4], PATHS[6]].map((path) => required(path, 'a path')))(
  'orders at $name handed over to a successor are left alone',
  async (path) => {
    const desk = await (await Desk.open(path)).untilReady();
    try {
      const id = desk.send('buy', 10, -40, 'GTC');
      await desk.until('the order', () => desk.kinds(id).includes('acknowledged'));
      await desk.connector.stop('handed-over');
      desk.aheadMs += 60_000;
      await new Promise((resolve) => setTimeout(resolve, 250));
      expect(desk.sim.exchange.ordersOf('desk').some(({ state }) => state === 'open')).toBe(true);
    } finally {
      await desk.close();
    }
  },
);

/** Far away, so that the tests outlive them. */
const OPTIONS: readonly Path[] = [
  { name: 'Bybit', instrument: 'BTC-28DEC35-90000-C-USDT@bybit', ...BYBIT },
  { name: 'OKX', instrument: 'BTC-USD-351228-90000-C@okx', ...OKX },
];

it.each(OPTIONS)('options at $name fill, with the fee of their underlying, and are held', async (path) => {
  const desk = await (await Desk.open(path)).untilReady();
  try {
    desk.sim.step();
    const before = await desk.account();
    const id = desk.send('sell', 30, -6);
    await desk.until('the fill', () => desk.filled(id) === desk.lots(30));
    const contract = contractOf(desk.spec);
    const underlyingUsd = Decimal.ofNumber(required(desk.sim.exchange.spot('BTC'), 'an index'), 8);
    let cash = Decimal.ZERO;
    for (const report of desk.of(id)) {
      if (report.kind !== 'filled') continue;
      const [quantity, price] = [Decimal.parse(report.quantity), Decimal.parse(report.price)];
      const rate = Decimal.parse(desk.spec.takerFee);
      const fee = tradeFee(contract, { quantity, price, rate, underlyingUsd, rounding: 'ceil' });
      expect(report.fee).toEqual({ currency: desk.spec.settlement, amount: fee.negated().toString() });
      cash = cash.minus(fee).plus(quantity.times(contract.size).times(price));
    }
    const after = await desk.account();
    expect(after.positions).toEqual([{ instrument: path.instrument, quantity: desk.lots(-30) }]);
    const [was, is] = [before, after].map(({ balances }) => Decimal.parse(balances[0]?.amount ?? ''));
    expect(is?.minus(was ?? Decimal.ZERO).toString()).toBe(cash.toString());
  } finally {
    await desk.close();
  }
});
