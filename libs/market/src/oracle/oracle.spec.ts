import { Decimal } from '@evenkeel/kernel';
import fc from 'fast-check';
import { formatInstant } from '@evenkeel/kernel';
import { rawPrice } from '../tape/raw-instant';
import type { RawPeg, ToldPrice } from '../tape/raw-instant';
import { exactPrice, operatorsOf } from './composite-verdict';
import { Oracle } from './oracle';
import type { OracleReason, SourceReason } from './reasons';
import type { OracleRules, OracleSource, OracleStatus } from './rules';
import { DEFAULT_ORACLE_RULES } from './rules';
import { PriceHistory } from './time-weighted-average';
import { cappedWeights, exactMiddle, middleOf, weightedMedian } from './weighted-price';

const SECOND = 1_000_000_000n;
const START = 1_770_000_000n * SECOND;
const RULES: OracleRules = DEFAULT_ORACLE_RULES;

function source(name: string, operator = name, quote = 'USD', weight = 1): OracleSource {
  return { source: name, operator, quote, weight, maxAgeNs: 10n * SECOND };
}

const FIVE = ['alpha', 'beta', 'gamma', 'delta', 'epsilon'].map((name) => source(name));

interface Composite {
  readonly status: OracleStatus;
  readonly reasons: readonly OracleReason[];
  /** While it may be traded on. */
  readonly price: Decimal | undefined;
  readonly operators: number;
}

/** A source that is no longer used, used again, or left out for something else. */
interface Move {
  readonly source: string;
  readonly to: 'USED' | 'LEFT_OUT';
  readonly reasons: readonly SourceReason[];
  readonly deviationBps: number;
}

/** Feeds quotes second by second; what a source says may depend on the second. `undefined`: it is silent. */
class Market {
  readonly oracle: Oracle;
  moves: Move[] = [];
  statuses: string[] = [];
  readonly prices: number[] = [];
  second = 0n;

  constructor(
    readonly sources: readonly OracleSource[],
    readonly rules: OracleRules = RULES,
  ) {
    this.oracle = new Oracle(sources, rules);
  }

  get now(): bigint {
    return START + this.second * SECOND;
  }

  get composite(): Composite {
    const { status, reasons, price, records } = this.oracle;
    return {
      status,
      reasons,
      price: status === 'HALTED' || price === undefined ? undefined : exactPrice(price),
      operators: operatorsOf(records.filter(({ used }) => used)),
    };
  }

  reasonsOf(index: number): readonly SourceReason[] | undefined {
    return this.oracle.records[index]?.reasons;
  }

  send(pegs: readonly RawPeg[] = [], at = this.now): void {
    const { oracle } = this;
    const before = oracle.records.map(({ reasons }) => reasons);
    const { status } = oracle;
    oracle.take(pegs, at);
    for (const [index, { source, reasons, used, deviationBps }] of oracle.records.entries()) {
      const was = before[index] ?? [];
      if (used ? was.length === 0 : was.length > 0 && was.join() === reasons.join()) continue;
      this.moves.push({ source: source.source, to: used ? 'USED' : 'LEFT_OUT', reasons, deviationBps });
    }
    if (oracle.status !== status) this.statuses.push(`${status}→${oracle.status}`);
    const { price } = this.composite;
    if (price !== undefined) this.prices.push(price.toNumber());
  }

  quote(name: string, price: number, extra: Pick<ToldPrice, 'confidence'> & { at?: bigint } = {}): void {
    const { at = this.now, confidence } = extra;
    const told = { source: name, instrument: name, price: Decimal.ofNumber(price, 8).toString() };
    const said = rawPrice({ ...told, confidence, traded: true, at, eventTime: formatInstant(at) });
    const records = this.oracle.records.filter(({ source: known }) => known.source === name);
    for (const record of records) record.said = said;
    this.send();
    for (const record of records) record.said = undefined;
  }

  run(seconds: number, price: (name: string, second: number) => number | undefined): void {
    for (let step = 0; step < seconds; step += 1) {
      this.second += 1n;
      for (const { source: name } of this.sources) {
        const said = price(name, step);
        if (said !== undefined) this.quote(name, said);
      }
      this.send();
    }
  }

  warmUp(price = 100_000): void {
    this.run(60, () => price);
    expect(this.composite.status).toBe('OK');
    this.moves = [];
    this.statuses = [];
    this.prices.length = 0;
  }
}

describe('the composite price', () => {
  it('starts halted, and opens only after its sources have agreed for a while', () => {
    const market = new Market(FIVE);
    market.run(29, () => 100_000);
    expect(market.composite).toMatchObject({ status: 'HALTED' });
    expect(market.composite.price).toBeUndefined();
    market.run(5, () => 100_000);
    expect(market.composite.price?.toString()).toBe('100000');
    expect(market.statuses).toEqual(['HALTED→OK']);
  });

  it('halts when fewer operators than the quorum are left, however many sources they run', () => {
    const sources = [source('x1', 'x'), source('x2', 'x'), source('x3', 'x'), source('y')];
    const market = new Market(sources);
    market.warmUp();
    market.run(12, (name) => (name === 'y' ? undefined : 100_000));
    expect(market.composite).toMatchObject({ status: 'HALTED', reasons: ['QUORUM'] });
  });

  it('refuses when two sources disagree: neither is believed', () => {
    const market = new Market([source('x'), source('y')]);
    market.warmUp();
    market.run(1, (name) => (name === 'x' ? 100_000 : 101_500));
    expect(market.composite).toMatchObject({ status: 'HALTED', reasons: ['DISAGREEMENT'] });
    expect(market.composite.price).toBeUndefined();
  });

  it('refuses when two camps of equal weight disagree', () => {
    const market = new Market(FIVE.slice(0, 4));
    market.warmUp();
    market.run(1, (name) => (name === 'alpha' || name === 'beta' ? 100_000 : 102_000));
    expect(market.composite.status).toBe('HALTED');
  });

  it('says why its status changed, and what it says of the source that caused it', () => {
    const market = new Market(FIVE.slice(0, 3));
    market.warmUp();
    market.run(1, (name) => (name === 'alpha' ? 103_000 : 100_000));
    expect(market.statuses).toEqual(['OK→DEGRADED']);
    expect(market.composite).toMatchObject({ status: 'DEGRADED', reasons: ['DEVIANT_WEIGHT'] });
    expect(market.composite.price?.toString()).toBe('100000');
    expect(market.moves).toMatchObject([{ source: 'alpha', to: 'LEFT_OUT', reasons: ['DEVIATES'] }]);
    expect(market.moves[0]?.deviationBps).toBeCloseTo(300, 6);
  });

  it('gets worse at once and better only after it has been better for the whole time', () => {
    const market = new Market(FIVE.slice(0, 3));
    market.warmUp();
    market.run(1, (name) => (name === 'alpha' ? 103_000 : 100_000));
    expect(market.composite.status).toBe('DEGRADED');
    // Sound again for 20 s, then a relapse: the count starts again.
    market.run(20, () => 100_000);
    market.run(1, (name) => (name === 'alpha' ? 103_000 : 100_000));
    market.run(29, () => 100_000);
    expect(market.composite.status).toBe('DEGRADED');
    market.run(35, () => 100_000);
    expect(market.composite.status).toBe('OK');
    expect(market.statuses).toEqual(['OK→DEGRADED', 'DEGRADED→OK']);
  });

  it('leaves out a source that is unsure of itself', () => {
    const market = new Market(FIVE);
    market.warmUp();
    market.quote('alpha', 100_000, { confidence: 900 });
    expect(market.moves).toMatchObject([{ source: 'alpha', to: 'LEFT_OUT', reasons: ['CONFIDENCE_WIDE'] }]);
  });
});

describe('attacks', () => {
  it('one source manipulated: the price stays with the others, whatever it says and however heavy it is', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 1e9, noNaN: true }),
        fc.integer({ min: 1, max: 1000 }),
        (lie, weight) => {
          const market = new Market([source('alpha', 'alpha', 'USD', weight), ...FIVE.slice(1)]);
          market.warmUp();
          market.run(20, (name, second) => (name === 'alpha' ? lie : 100_000 + (second % 3)));
          expect(market.prices.length).toBeGreaterThan(0);
          for (const price of market.prices) {
            expect(price).toBeGreaterThanOrEqual(100_000);
            expect(price).toBeLessThanOrEqual(100_002);
          }
        },
      ),
      { seed: 31, numRuns: 25 },
    );
  });

  it('slow drift: a source that walks away by a basis point at a time is left out before it reaches the limit', () => {
    const market = new Market(FIVE);
    market.warmUp();
    market.run(600, (name, second) => (name === 'alpha' ? 100_000 * (1 + second * 1e-5) : 100_000));
    const left = market.moves.find((move) => move.source === 'alpha' && move.to === 'LEFT_OUT');
    expect(left?.reasons).toContain('BIASED');
    expect(left?.deviationBps).toBeLessThan(RULES.deviationBps[1]);
    for (const price of market.prices) expect(price).toBe(100_000);
  });

  it('flash wick: all sources at once jump and return; the average over time stops the price before it is traded on', () => {
    const market = new Market(FIVE);
    market.warmUp();
    market.run(3, () => 92_000);
    expect(market.composite.status).toBe('HALTED');
    expect(market.composite.reasons).toContain('TWAP');
    market.run(20, () => 100_000);
    expect(market.composite.status).toBe('HALTED');
    market.run(60, () => 100_000);
    expect(market.composite.status).toBe('OK');
    expect(market.prices.every((price) => price === 100_000)).toBe(true);
  });

  it('flash wick on one source: left out at once, and for a while after it is back', () => {
    const market = new Market(FIVE);
    market.warmUp();
    market.run(1, (name) => (name === 'beta' ? 90_000 : 100_000));
    market.run(10, () => 100_000);
    expect(market.composite).toMatchObject({ status: 'OK', operators: 4 });
    market.run(40, () => 100_000);
    expect(market.composite).toMatchObject({ status: 'OK', operators: 5 });
  });

  it('a real crash that lasts is believed once the average has followed', () => {
    const market = new Market(FIVE);
    market.warmUp();
    market.run(400, (_name, second) => 100_000 * (1 - Math.min(second, 100) * 0.001));
    expect(market.composite.status).toBe('OK');
    expect(market.composite.price?.toNumber()).toBeCloseTo(90_000, 4);
  });

  it('frozen feed: a price that is repeated with fresh stamps while the others move is left out', () => {
    const market = new Market(FIVE);
    market.warmUp();
    market.run(60, (name, second) => (name === 'gamma' ? 100_000 : 100_000 + second * 3));
    const left = market.moves.find((move) => move.source === 'gamma' && move.to === 'LEFT_OUT');
    expect(left?.reasons).toContain('FROZEN');
    expect(market.composite.price?.toNumber()).toBe(100_177);
  });

  it('a still market is not a frozen feed', () => {
    const market = new Market(FIVE);
    market.warmUp();
    market.run(600, () => 100_000);
    expect([...market.moves, ...market.statuses]).toEqual([]);
  });

  it('clock attack: stamps from the future and replayed old prices are refused and speak against their source', () => {
    const market = new Market(FIVE);
    market.warmUp();
    market.quote('alpha', 100_000, { at: market.now + 3600n * SECOND });
    market.quote('beta', 95_000, { at: market.now - 30n * SECOND });
    expect(market.moves.map((move) => [move.source, move.reasons])).toEqual([
      ['alpha', ['CLOCK_FUTURE']],
      ['beta', ['CLOCK_BACKWARDS']],
    ]);
    // The stamp from the future did not buy freshness: fifteen silent seconds later the source is stale.
    market.run(15, (name) => (name === 'alpha' ? undefined : 100_000));
    expect(market.reasonsOf(0)).toContain('STALE');
    expect(market.prices.every((price) => price === 100_000)).toBe(true);
  });

  it('clock attack: our own clock set back does not make old prices fresh', () => {
    const market = new Market(FIVE);
    market.warmUp();
    market.second += 11n;
    market.send();
    expect(market.composite).toMatchObject({ status: 'HALTED', reasons: ['NO_PRICE'] });
    market.send([], market.now - 3600n * SECOND);
    expect(market.composite.status).toBe('HALTED');
    expect(market.oracle.now).toBe(market.now);
  });

  it('silence of everybody halts, because time still arrives', () => {
    const market = new Market(FIVE);
    market.warmUp();
    market.run(12, () => undefined);
    expect(market.composite.status).toBe('HALTED');
    expect(market.statuses).toEqual(['OK→HALTED']);
  });
});

describe('stablecoin quotes', () => {
  const mixed = [
    source('usd1'),
    source('usd2'),
    source('tether1', 't1', 'USDT'),
    source('tether2', 't2', 'USDT'),
  ];

  function withPeg(peg: () => number): Market {
    const market = new Market(mixed);
    market.run(60, (name) => {
      const rate = peg();
      if (name === 'usd1') pegOf(market, rate);
      return name.startsWith('tether') ? 100_000 / rate : 100_000;
    });
    return market;
  }

  function pegOf(market: Market, rate: number): void {
    market.send([{ currency: 'USDT', price: Decimal.ofNumber(rate, 6).toString(), at: market.now }]);
  }

  it('are converted at the coin’s own price, exactly', () => {
    const market = withPeg(() => 0.998);
    expect(market.composite).toMatchObject({ status: 'OK', operators: 4 });
    expect(market.composite.price?.toNumber()).toBeCloseTo(100_000, 3);
  });

  it('are left out while the peg is unknown or old: a stablecoin is never taken for a dollar', () => {
    const market = new Market(mixed);
    market.run(60, () => 100_000);
    expect(market.composite).toMatchObject({ status: 'OK', operators: 2 });
    expect(market.reasonsOf(2)).toEqual(['PEG_UNKNOWN']);
  });

  it('degrade the composite when the coin slips, and are left out when it breaks', () => {
    expect(withPeg(() => 0.99).composite).toMatchObject({
      status: 'DEGRADED',
      reasons: ['DEPEG'],
      operators: 4,
    });
    const broken = withPeg(() => 0.9);
    expect(broken.composite).toMatchObject({ status: 'OK', operators: 2 });
    expect(broken.reasonsOf(3)).toEqual(['PEG_BROKEN']);
  });
});

describe('arithmetic', () => {
  it('a weighted median lies between the prices that hold half the weight', () => {
    const entry = fc.record({
      price: fc.integer({ min: 1, max: 1000 }),
      weight: fc.integer({ min: 1, max: 9 }),
    });
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 9 }), (entries) => {
        const median = weightedMedian(entries.map(({ price, weight }) => ({ value: price, weight })));
        const total = entries.reduce((sum, { weight }) => sum + weight, 0);
        const weigh = (keep: (price: number) => boolean): number =>
          entries.filter(({ price }) => keep(price)).reduce((sum, { weight }) => sum + weight, 0);
        const value = median === undefined ? Number.NaN : (median.low.value + median.high.value) / 2;
        expect(weigh((price) => price < value)).toBeLessThanOrEqual(total / 2);
        expect(weigh((price) => price > value)).toBeLessThanOrEqual(total / 2);
      }),
      { seed: 41 },
    );
  });

  it('no capped weight is more than its share', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.01, max: 1000, noNaN: true }), { minLength: 3, maxLength: 9 }),
        (weights) => {
          const capped = cappedWeights(weights, 0.4);
          const total = capped.reduce((sum, weight) => sum + weight, 0);
          for (const weight of capped) expect(weight / total).toBeLessThanOrEqual(0.4 + 1e-9);
        },
      ),
      { seed: 42 },
    );
  });

  it('the middle of two prices is the double nearest to the exact one, however they are written', () => {
    const price = fc.tuple(fc.bigInt({ min: 1n, max: 10n ** 15n }), fc.integer({ min: 0, max: 12 }));
    const text = price.map(([units, scale]) => Decimal.ofUnits(units, scale).toString());
    const odd = fc.constantFrom('1e-3', '00.5', '90000.', '.5', '88728.94666666667', '1234567890123456789');
    fc.assert(
      fc.property(fc.oneof({ weight: 9, arbitrary: text }, odd), text, (one, other) => {
        const exact = exactMiddle(Decimal.parse(one), Decimal.parse(other)).toNumber();
        expect(middleOf(one, other)).toBe(exact);
        expect(middleOf(other, one)).toBe(exact);
      }),
      { seed: 43, numRuns: 2_000 },
    );
  });

  it('a time-weighted average weighs a price by how long it held, and forgets what is before the window', () => {
    const history = new PriceHistory();
    expect(history.average(0, 10)).toBeNaN();
    history.extend(0, 100, 10);
    history.extend(6, 200, 10);
    expect(history.average(10, 10)).toBe(140);
    history.extend(30, 50, 10);
    expect(history.length).toBe(2);
    expect(history.average(35, 10)).toBe(125);
  });

  it('a history keeps what its window needs, however long it goes on', () => {
    const history = new PriceHistory();
    for (let at = 0; at < 20_000; at += 1) history.extend(at, at, 300);
    expect(history.length).toBe(301);
    expect(history.average(20_000, 300)).toBeCloseTo(19_849.5, 6);
    history.shift(19_000);
    expect(history.average(1_000, 300)).toBeCloseTo(19_849.5, 6);
    for (let at = 1_000; at < 20_000; at += 1) history.extend(at, at, 1e9);
    expect(history.length).toBe(4_096);
  });
});
