import type { DomainEvent, Mark } from '@evenkeel/facts';
import { Decimal, NANOS_PER_MINUTE, createRandom, formatInstant, parseInstant } from '@evenkeel/kernel';
import fc from 'fast-check';
import { rawPrice } from '../tape/raw-instant';
import type { RawInstant, RawPrice, SourceDescription } from '../tape/raw-instant';
import { markOfQuote } from '../tape/option-quote';
import { createPriceIngest } from './price-ingest';
import type { PriceIngest } from './price-ingest';
import { exactMiddle, weightedMedian } from '../oracle/weighted-price';
import type { Weighted } from '../oracle/weighted-price';

const T0 = parseInstant('2026-01-05T00:00:00Z');
const PERP = 'BTCUSDT-PERP@binance';
const SPOT = 'BTCUSDT@binance';
const SWAP = 'BTC-USDT-SWAP@okx';

function source(instrument: string): SourceDescription {
  return {
    source: `s:${instrument}`,
    kind: 'price',
    instrument,
    underlying: 'BTC',
    interval: 5n * NANOS_PER_MINUTE,
  };
}

class Feed {
  readonly facts: DomainEvent[] = [];
  marks: readonly Mark[] = [];
  private readonly ingest: PriceIngest;
  private number = 0;

  constructor(instruments: readonly string[] = [PERP, SPOT]) {
    this.ingest = createPriceIngest({ sources: instruments.map(source) });
  }

  /** Prices at a minute; `0` volume where the price ends in `*`. */
  at(minutes: number, prices: Record<string, string>, extra: Partial<RawInstant> = {}): void {
    const at = T0 + BigInt(minutes) * NANOS_PER_MINUTE;
    const eventTime = formatInstant(at);
    const raw = Object.entries(prices).map(([instrument, text]): RawPrice =>
      rawPrice({
        source: `s:${instrument}`,
        instrument,
        price: text.replace('*', ''),
        traded: !text.endsWith('*'),
        at,
        eventTime,
      }),
    );
    this.number += 1;
    const { instant, facts } = this.ingest.ingest(
      { at, eventTime, prices: raw, quotes: [], fundings: [], deliveries: [], ...extra },
      this.number,
    );
    this.marks = instant.marks;
    for (const fact of facts) this.facts.push(...fact.events);
  }

  mark(instrument: string): string {
    const mark = this.marks.find((candidate) => candidate.instrument === instrument);
    return mark === undefined ? 'none' : [mark.price, mark.status, ...mark.reasons].join(' ');
  }

  said(): string[] {
    return this.facts.map((event) => {
      const { instrument } = event.payload as { instrument: string }; // every price fact names its instrument
      return `${event.type} ${instrument}`;
    });
  }
}

function medianText(prices: readonly (Weighted & { readonly price: Decimal })[]): string | undefined {
  const median = weightedMedian(prices);
  return median && exactMiddle(median.low.price, median.high.price).toString();
}

describe('the composite', () => {
  it('is the weighted median of what is fresh, exact to the last digit', () => {
    const feed = new Feed([PERP, SPOT, SWAP]);
    feed.at(5, { [PERP]: '90000.1', [SPOT]: '90000.23', [SWAP]: '90500' });
    expect(feed.mark('BTC@composite')).toBe('90000.23 OK');
    const two = new Feed();
    two.at(5, { [PERP]: '90000.1', [SPOT]: '90000.23' });
    expect(two.mark('BTC@composite')).toBe('90000.165 OK');
  });

  it('does not depend on the order of its prices', () => {
    const price = fc.record({
      cents: fc.integer({ min: 1, max: 999_999 }),
      weight: fc.integer({ min: 1, max: 5 }),
    });
    fc.assert(
      fc.property(fc.array(price, { minLength: 1, maxLength: 8 }), fc.integer(), (drawn, seed) => {
        const prices = drawn.map(({ cents, weight }) => ({
          price: Decimal.parse((cents / 100).toFixed(2)),
          value: cents / 100,
          weight,
        }));
        const random = createRandom(String(seed));
        const shuffled = prices.map((entry) => ({ entry, key: random.next() })).sort((a, b) => a.key - b.key);
        const median = medianText(prices);
        expect(medianText(shuffled.map(({ entry }) => entry))).toBe(median);
        const values = prices.map(({ value }) => value);
        expect(Number(median)).toBeGreaterThanOrEqual(Math.min(...values));
        expect(Number(median)).toBeLessThanOrEqual(Math.max(...values));
      }),
      { seed: 3, numRuns: 300 },
    );
  });

  it('is not moved by one source among three that lies, which is halted', () => {
    const feed = new Feed([PERP, SPOT, SWAP]);
    feed.at(5, { [PERP]: '90000', [SPOT]: '90010', [SWAP]: '90005' });
    feed.at(10, { [PERP]: '95000', [SPOT]: '90010', [SWAP]: '90005' });
    expect(feed.mark(PERP)).toBe('95000 HALTED DEVIATES');
    expect(feed.mark('BTC@composite')).toBe('90007.5 OK');
  });

  it('halts when its only two sources disagree, and comes back on the record', () => {
    const feed = new Feed();
    feed.at(5, { [PERP]: '90000', [SPOT]: '90010' });
    feed.at(10, { [PERP]: '90000', [SPOT]: '93000' });
    expect(feed.mark('BTC@composite')).toBe('90005 HALTED DISAGREEMENT DEVIATES');
    expect(feed.said()).toContain('PriceHalted BTC@composite');
    feed.at(15, { [PERP]: '93000', [SPOT]: '93010' });
    expect(feed.mark('BTC@composite')).toBe('93005 OK');
    const restored = feed.facts.find(
      (event) => event.type === 'PriceRestored' && event.payload.instrument === 'BTC@composite',
    );
    expect(restored?.payload).toMatchObject({
      haltedSince: '2026-01-05T00:10:00Z',
      at: '2026-01-05T00:15:00Z',
    });
  });

  it('is degraded for want of a quorum', () => {
    const feed = new Feed();
    feed.at(5, { [PERP]: '90000', [SPOT]: '90010' });
    for (const minutes of [10, 15, 20]) feed.at(minutes, { [SPOT]: '90010' });
    expect(feed.mark(PERP)).toBe('90000 DEGRADED STALE');
    expect(feed.mark('BTC@composite')).toBe('90005 DEGRADED QUORUM');
  });
});

describe('one source', () => {
  it('grows stale, is halted, and returns, each exactly once and on the record', () => {
    const feed = new Feed();
    feed.at(5, { [PERP]: '90000', [SPOT]: '90000' });
    const statuses: string[] = [];
    for (const minutes of [10, 15, 20, 25, 30]) {
      feed.at(minutes, { [SPOT]: '90000' });
      statuses.push(feed.mark(PERP));
    }
    expect(statuses).toEqual(['none', 'none', '90000 DEGRADED STALE', '90000 HALTED STALE', 'none']);
    feed.at(35, { [PERP]: '90000', [SPOT]: '90000' });
    expect(feed.mark(PERP)).toBe('90000 OK');
    expect(feed.said().filter((line) => line.endsWith(PERP))).toEqual([
      `SourceDegraded ${PERP}`,
      `PriceHalted ${PERP}`,
      `PriceRestored ${PERP}`,
      `SourceRecovered ${PERP}`,
    ]);
    expect(feed.facts.find((event) => event.type === 'PriceHalted')?.payload).toMatchObject({
      observed: [
        { source: `s:${PERP}`, price: '90000', ageSeconds: 1200, deviationBps: 0, reasons: ['STALE'] },
        { source: `s:${SPOT}`, price: '90000', ageSeconds: 0, reasons: [] },
        { source: 'time-weighted-average', instrument: 'BTC@composite', price: '90000' },
      ],
    });
  });

  it('is degraded by bars in which nothing trades, and halted when that lasts', () => {
    const feed = new Feed();
    feed.at(5, { [PERP]: '90000', [SPOT]: '90000' });
    feed.at(10, { [PERP]: '90000*', [SPOT]: '90000' });
    expect(feed.mark(PERP)).toBe('90000 DEGRADED NO_TRADES');
    for (const minutes of [15, 20]) feed.at(minutes, { [PERP]: '90000*', [SPOT]: '90000' });
    expect(feed.mark(PERP)).toBe('90000 DEGRADED STALE');
    feed.at(25, { [PERP]: '90000*', [SPOT]: '90000' });
    expect(feed.mark(PERP)).toBe('90000 HALTED STALE');
  });

  it('is not believed on a wild price of its own; the mark keeps the last good one', () => {
    const feed = new Feed();
    feed.at(5, { [PERP]: '90000', [SPOT]: '90000' });
    feed.at(10, { [PERP]: '9000', [SPOT]: '90000' });
    expect(feed.mark(PERP)).toBe('90000 HALTED OUT_OF_BOUNDS');
    expect(feed.facts.find((event) => event.type === 'PriceHalted')?.payload).toMatchObject({
      observed: [{ price: '9000' }, { price: '90000' }, { source: 'time-weighted-average' }],
    });
    feed.at(15, { [PERP]: '90100', [SPOT]: '90100' });
    expect(feed.mark(PERP)).toBe('90100 OK');
  });

  it('is believed on a jump that another source makes with it', () => {
    const feed = new Feed();
    feed.at(5, { [PERP]: '90000', [SPOT]: '90000' });
    feed.at(10, { [PERP]: '76000', [SPOT]: '76100' });
    expect(feed.mark(PERP)).toBe('76000 OK');
    // A sixth lost within one bar is believed, and hedged on with care; a third is not traded on before it has lasted.
    expect(feed.mark('BTC@composite')).toBe('76050 DEGRADED TWAP');
    feed.at(15, { [PERP]: '60000', [SPOT]: '60100' });
    expect(feed.mark(PERP)).toBe('60000 OK');
    expect(feed.mark('BTC@composite')).toBe('76050 HALTED TWAP');
  });

  it('is believed alone when it persists', () => {
    const feed = new Feed([PERP]);
    feed.at(5, { [PERP]: '90000' });
    feed.at(10, { [PERP]: '60000' });
    feed.at(15, { [PERP]: '60100' });
    expect(feed.mark(PERP)).toBe('90000 HALTED OUT_OF_BOUNDS');
    feed.at(20, { [PERP]: '60050' });
    expect(feed.mark(PERP)).toBe('60050 OK');
  });

  it('that never says anything is halted for want of data', () => {
    const feed = new Feed();
    for (const minutes of [5, 10, 15, 20, 25]) feed.at(minutes, { [SPOT]: '90000' });
    expect(feed.said()).toEqual([
      'SourceDegraded BTC@composite',
      `SourceDegraded ${PERP}`,
      `PriceHalted ${PERP}`,
    ]);
  });
});

describe('settlement and options', () => {
  it('settles each expiring instrument once, at the delivery price', () => {
    const feed = new Feed();
    const quote = {
      price: '0.01',
      volatility: 0.4,
      forward: '90000',
      index: '90000',
      eventTime: '',
      source: 'c',
      bid: undefined,
      ask: undefined,
    };
    const quotes = [
      'BTC-5JAN26-90000-P@deribit',
      'BTC-5JAN26-90000-C@deribit',
      'BTC-9JAN26-90000-C@deribit',
    ].map((instrument) => markOfQuote({ ...quote, instrument }));
    feed.at(5, {}, { quotes });
    const delivery = {
      underlying: 'BTC',
      venue: 'deribit',
      expiry: '2026-01-05T08:00:00Z',
      price: '90123.4',
      source: 'd',
    };
    feed.at(480, {}, { deliveries: [delivery] });
    feed.at(485, {}, { deliveries: [delivery] });
    const settled = feed.facts.filter((event) => event.type === 'InstrumentSettled');
    expect(settled.map(({ payload }) => payload)).toEqual([
      {
        instrument: 'BTC-5JAN26-90000-C@deribit',
        at: '2026-01-05T08:00:00Z',
        deliveryPrice: '90123.4',
        source: 'd',
      },
      {
        instrument: 'BTC-5JAN26-90000-P@deribit',
        at: '2026-01-05T08:00:00Z',
        deliveryPrice: '90123.4',
        source: 'd',
      },
    ]);
  });

  it('degrades a quote that is crossed or has no volatility', () => {
    const feed = new Feed();
    const quote = {
      instrument: 'BTC-9JAN26-90000-C@deribit',
      price: '0.01',
      bid: '0.02',
      ask: '0.01',
      volatility: undefined,
      forward: '90000',
      index: '90000',
      eventTime: '',
      source: 'c',
    };
    feed.at(5, {}, { quotes: [markOfQuote(quote)] });
    expect(feed.mark(quote.instrument)).toBe('0.01 DEGRADED CROSSED NO_VOLATILITY');
  });
});

it('gives the same marks and facts for the same market, whoever asks again', () => {
  const run = (): string => {
    const feed = new Feed([PERP, SPOT, SWAP]);
    const random = createRandom('feed');
    const out: unknown[] = [];
    for (let minutes = 5; minutes < 2000; minutes += 5) {
      const prices: Record<string, string> = {};
      for (const instrument of [PERP, SPOT, SWAP]) {
        if (random.next() < 0.9)
          prices[instrument] =
            (90_000 * (1 + 0.03 * (random.next() - 0.5))).toFixed(1) + (random.next() < 0.1 ? '*' : '');
      }
      feed.at(minutes, prices);
      out.push(feed.marks);
    }
    return JSON.stringify([out, feed.facts]);
  };
  expect(run()).toBe(run());
});
