import { createRandom } from '@evenkeel/kernel';

import { createVenueConnection } from '@evenkeel/venue-wire';
import type {
  ConnectionFact,
  MarketEvent,
  VenueConnection,
  VenueConnectionOptions,
} from '@evenkeel/venue-wire';
import { LocalVenue, type VenueScript } from './local-venues/local-venue';
import {
  BINANCE_COIN_M_SCRIPT,
  BINANCE_SPOT_SCRIPT,
  BINANCE_USD_M_SCRIPT,
  BYBIT_SCRIPT,
  DERIBIT_SCRIPT,
  HYPERLIQUID_SCRIPT,
  OKX_SCRIPT,
} from './local-venues/scripts';

const MS = 1_000_000n;
const SCRIPTS = [
  DERIBIT_SCRIPT,
  BINANCE_SPOT_SCRIPT,
  BINANCE_USD_M_SCRIPT,
  BINANCE_COIN_M_SCRIPT,
  BYBIT_SCRIPT,
  OKX_SCRIPT,
  HYPERLIQUID_SCRIPT,
];

/** What all connectors of a venue did in these tests: events by kind, facts by name. */
const tallies = new Map<string, Map<string, number>>();

function count(name: string, what: string): void {
  const tally = tallies.get(name) ?? new Map<string, number>();
  tally.set(what, (tally.get(what) ?? 0) + 1);
  tallies.set(name, tally);
}

afterAll(() => {
  for (const [name, tally] of tallies)
    process.stdout.write(
      `local ${name}: ${[...tally].map(([what, times]) => `${what} ${times}`).join(', ')}\n`,
    );
});

/** A connector against a local server of its venue; everything that happens wakes whoever waits. */
class Rig {
  private constructor(
    readonly venue: LocalVenue,
    readonly connection: VenueConnection,
    readonly facts: readonly ConnectionFact[],
    readonly events: readonly MarketEvent[],
  ) {}

  static async open(script: VenueScript, overrides: Partial<VenueConnectionOptions> = {}): Promise<Rig> {
    const venue = await LocalVenue.open(script);
    const facts: ConnectionFact[] = [];
    const events: MarketEvent[] = [];
    const connection = createVenueConnection({
      protocol: script.protocol,
      subscriptions: [{ channel: 'book', symbol: script.symbol }],
      random: createRandom('jitter'),
      url: venue.url,
      restUrl: `http://127.0.0.1:${venue.port}`,
      backoff: { baseNs: 4n * MS, maxNs: 40n * MS, stableAfterNs: 1000n * MS },
      snapshotPatienceNs: 300n * MS,
      tickMs: 5,
      clock: () => BigInt(Date.now()) * MS,
      onEvent: (event) => {
        events.push(event);
        count(script.name, event.kind);
        venue.signal.notify();
      },
      onFact: (fact) => {
        facts.push(fact);
        count(script.name, `fact ${nameOf(fact)}`);
        venue.signal.notify();
      },
      ...overrides,
    });
    connection.start();
    return new Rig(venue, connection, facts, events);
  }

  async close(): Promise<void> {
    await this.connection.stop();
    await this.venue.close();
  }

  until(what: string, condition: () => boolean): Promise<void> {
    return this.venue.signal
      .until(`${this.venue.script.name}: ${what}`, condition)
      .catch((error: unknown) => {
        throw new Error(`${String(error)}; facts ${this.summary()}`);
      });
  }

  summary(): string {
    return this.facts.map((fact) => (fact.fact === 'book' ? fact.what.fact : fact.fact)).join(' ');
  }

  count(name: ConnectionFact['fact']): number {
    return this.facts.filter((fact) => fact.fact === name).length;
  }

  bookFacts(name: string): number {
    return this.facts.filter((fact) => fact.fact === 'book' && fact.what.fact === name).length;
  }

  agrees(): boolean {
    const book = this.connection.book(this.venue.script.symbol);
    if (book?.status !== 'synced') return false;
    const pairs = (side: 'bid' | 'ask'): string =>
      book
        .levels(side, 1000)
        .map(({ price, size }) => `${price}:${size}`)
        .join();
    const own = (side: 'bids' | 'asks'): string =>
      this.venue.book
        .levels(side)
        .map(([price, size]) => `${price}:${size}`)
        .join();
    return pairs('bid') === own('bids') && pairs('ask') === own('asks');
  }

  /** The book stands and is the server's, after a few changes of it. */
  async inStep(what: string): Promise<void> {
    await this.until(`a subscriber (${what})`, () => this.venue.subscribed.size > 0);
    this.venue.change();
    await this.until(`the same book as the server (${what})`, () => this.agrees());
    for (let index = 0; index < 20; index += 1) this.venue.change();
    await this.until(`the same book after changes (${what})`, () => this.agrees());
  }
}

const nameOf = (fact: ConnectionFact): string =>
  fact.fact === 'book'
    ? fact.what.fact
    : fact.fact === 'message-refused'
      ? `${fact.fact} ${fact.code}`
      : fact.fact;

describe.each(SCRIPTS.map((script) => [script.name, script] as const))(
  'the %s connector',
  (_name, script) => {
    let rig: Rig;

    beforeEach(async () => {
      rig = await Rig.open(script);
    });

    afterEach(async () => {
      await rig.close();
      expect(rig.venue.violations).toEqual([]);
    });

    it('connects, subscribes and keeps the server’s book', async () => {
      await rig.inStep('at first');
      expect(rig.facts.find((fact) => fact.fact === 'connected')).toMatchObject({ attempt: 0 });
      expect(rig.events.some((event) => event.kind === 'book-snapshot')).toBe(true);
      expect(rig.events.every((event) => event.venue === script.protocol.feed.venue)).toBe(true);
    });

    it('comes back after the connection is cut, subscribes again and heals the book', async () => {
      await rig.inStep('before');
      for (let cut = 1; cut <= 3; cut += 1) {
        rig.venue.cut();
        await rig.until('the loss on record', () => rig.count('disconnected') === cut);
        // What happens while nobody listens must not be missed afterwards.
        for (let index = 0; index < 5; index += 1) rig.venue.change();
        await rig.until('a new connection', () => rig.count('connected') === cut + 1);
        await rig.inStep(`after cut ${cut}`);
      }
      // Subscribing is enough to get a book back; nothing is asked for twice.
      expect(rig.venue.received.filter((text) => /unsubscribe/i.test(text))).toEqual([]);
      const waits = rig.facts.flatMap((fact) => (fact.fact === 'disconnected' ? [fact.retryInNs] : []));
      expect(waits.every((wait) => wait >= 2n * MS && wait <= 40n * MS)).toBe(true);
    });

    it('notices silence although the socket stays open, and comes back', async () => {
      await rig.close();
      rig = await Rig.open(script, { silenceNs: 600n * MS, heartbeatNs: 250n * MS });
      await rig.inStep('before');
      rig.venue.mute = true;
      await rig.until('the silence on record', () => rig.count('silent') > 0);
      rig.venue.mute = false;
      await rig.inStep('after the silence');
      // While the server answered pings, silence was not claimed.
      expect(rig.facts.findIndex((fact) => fact.fact === 'silent')).toBeGreaterThan(0);
    });

    it('stays on, and says what it could not read, when messages make no sense', async () => {
      await rig.inStep('before');
      rig.venue.say('{"broken":');
      rig.venue.say(script.nonsense);
      await rig.until('both refusals', () => rig.count('message-refused') >= 2);
      const codes = rig.facts.flatMap((fact) => (fact.fact === 'message-refused' ? [fact.code] : []));
      expect(codes).toEqual(['VENUES.JSON_INVALID', 'VENUES.MESSAGE_UNSUPPORTED']);
      await rig.inStep('after nonsense');
      expect(rig.count('disconnected')).toBe(0);
    });

    it('says when it is throttled and goes on', async () => {
      await rig.inStep('before');
      rig.venue.say(script.throttle);
      await rig.until('the throttling on record', () => rig.count('throttled') === 1);
      expect(rig.count('venue-error')).toBe(1);
      await rig.inStep('while throttled');
    });

    it('answers ping frames', async () => {
      await rig.inStep('before');
      rig.venue.ping();
      await rig.until('a pong', () => rig.venue.pongs > 0);
    });

    // A venue that sends whole books has nothing to lose.
    if (!script.sequenced) return;

    it('notices a lost message and heals by a new snapshot', async () => {
      await rig.inStep('before');
      rig.venue.change(true);
      rig.venue.change();
      await rig.until('the gap on record', () => rig.bookFacts('sequence-gap') === 1);
      await rig.inStep('after the gap');
      expect(rig.count('disconnected')).toBe(0);
    });
  },
);

describe('what only one venue does', () => {
  it('Deribit: a test request is answered, so that the server does not hang up', async () => {
    const rig = await Rig.open(DERIBIT_SCRIPT);
    try {
      await rig.inStep('before');
      rig.venue.say('{"jsonrpc":"2.0","method":"heartbeat","params":{"type":"test_request"}}');
      await rig.until('the answer', () => rig.venue.received.some((text) => text.includes('public/test')));
    } finally {
      await rig.close();
    }
  });

  it('Binance: a refused snapshot is asked for again after the time the server names, meanwhile changes are kept', async () => {
    const rig = await Rig.open(BINANCE_USD_M_SCRIPT);
    try {
      await rig.until('a subscriber', () => rig.venue.subscribed.size > 0);
      rig.venue.refuseSnapshots = 2;
      for (let index = 0; index < 30; index += 1) rig.venue.change();
      await rig.until('the same book', () => rig.agrees());
      const reasons = rig.facts.flatMap((fact) => (fact.fact === 'snapshot-failed' ? [fact.reason] : []));
      expect(reasons).toEqual(['HTTP 429', 'HTTP 429']);
      expect(rig.venue.snapshotsServed).toBe(1);
    } finally {
      await rig.close();
    }
  });

  it('Binance: an instrument so quiet that nothing changes gets its book all the same', async () => {
    const rig = await Rig.open(BINANCE_SPOT_SCRIPT);
    try {
      await rig.until('the server’s book without a single change', () => rig.agrees());
      expect(rig.venue.book.sequence).toBe(1000);
      expect(rig.venue.snapshotsServed).toBe(1);
    } finally {
      await rig.close();
    }
  });

  it('OKX: a book whose checksum differs is not used, and healed', async () => {
    const rig = await Rig.open(OKX_SCRIPT);
    try {
      await rig.inStep('before');
      const { book } = rig.venue;
      const change = book.change();
      rig.venue.say(OKX_SCRIPT.change(book, change).replace(/"checksum":-?\d+/, '"checksum":1'));
      await rig.until('the mismatch on record', () => rig.bookFacts('checksum-mismatch') === 1);
      await rig.inStep('after the mismatch');
    } finally {
      await rig.close();
    }
  });

  it('a server that is not there is tried again and again, ever more patiently, until stopped', async () => {
    const rig = await Rig.open(BYBIT_SCRIPT, { url: 'ws://127.0.0.1:9' });
    try {
      await rig.until('four failures', () => rig.count('disconnected') >= 4);
      const waits = rig.facts.flatMap((fact) => (fact.fact === 'disconnected' ? [fact.retryInNs] : []));
      expect((waits[3] ?? 0n) > (waits[0] ?? 0n)).toBe(true);
      expect(rig.count('connected')).toBe(0);
    } finally {
      await rig.close();
    }
    expect(rig.connection.phase).toBe('stopped');
  });
});
