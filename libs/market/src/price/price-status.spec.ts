import type { DomainEvent, Mark } from '@evenkeel/facts';
import { NANOS_PER_MINUTE, formatInstant, parseInstant } from '@evenkeel/kernel';
import fc from 'fast-check';
import { rawPrice } from '../tape/raw-instant';
import type { RawPrice, SourceDescription } from '../tape/raw-instant';
import { createPriceIngest } from './price-ingest';

const RUNS = process.env['EK_SOAK'] === '1' ? 5_000 : 150;
const T0 = parseInstant('2026-01-05T00:00:00Z');
const INSTRUMENTS = ['BTCUSDT-PERP@binance', 'BTCUSDT@binance', 'BTC-USDT-SWAP@okx'] as const;

const sources = INSTRUMENTS.map((instrument): SourceDescription => {
  return {
    source: `s:${instrument}`,
    kind: 'price',
    instrument,
    underlying: 'BTC',
    interval: 5n * NANOS_PER_MINUTE,
  };
});

/** Per source and bar: nothing, a quiet bar, a usual price, one that deviates, one that is wild. */
const tick = fc.oneof(
  { weight: 2, arbitrary: fc.constant(undefined) },
  { weight: 6, arbitrary: fc.integer({ min: 8_990_000, max: 9_010_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 8_600_000, max: 9_400_000 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 99_999_999 }) },
);
const market = fc.array(fc.tuple(tick, tick, tick, fc.integer({ min: 1, max: 12 })), {
  minLength: 1,
  maxLength: 60,
});

type Bar = readonly [number | undefined, number | undefined, number | undefined, number];

interface Told {
  readonly marks: readonly Mark[];
  readonly facts: readonly DomainEvent[];
}

function play(bars: readonly Bar[]): Told[] {
  const ingest = createPriceIngest({ sources });
  let minutes = 0;
  return bars.map(([first, second, third, quiet], index) => {
    minutes += quiet <= 9 ? 5 : (quiet - 8) * 5;
    const at = T0 + BigInt(minutes) * NANOS_PER_MINUTE;
    const eventTime = formatInstant(at);
    const prices = [first, second, third].flatMap((cents, place): RawPrice[] => {
      const instrument = INSTRUMENTS[place];
      if (cents === undefined || instrument === undefined) return [];
      const price = (cents / 100).toFixed(2);
      return [
        rawPrice({ source: `s:${instrument}`, instrument, price, traded: cents % 7 !== 0, at, eventTime }),
      ];
    });
    const { instant, facts } = ingest.ingest(
      { at, eventTime, prices, quotes: [], fundings: [], deliveries: [] },
      index + 1,
    );
    return { marks: instant.marks, facts: facts.flatMap(({ events }) => events) };
  });
}

describe('statuses of prices, whatever the sources do', () => {
  it('change on the record: halts and returns alternate, and the last fact says what the last mark says', () => {
    fc.assert(
      fc.property(market, (bars) => {
        const halted = new Set<string>();
        const doubtful = new Set<string>();
        for (const { marks, facts } of play(bars)) {
          for (const { type, payload } of facts) {
            if (!('instrument' in payload)) continue;
            const { instrument } = payload;
            if (type === 'PriceHalted') expect(halted.has(instrument)).toBe(false);
            if (type === 'PriceRestored') expect(halted.has(instrument)).toBe(true);
            if (type === 'SourceDegraded') expect(doubtful.has(instrument)).toBe(false);
            if (type === 'SourceRecovered') expect(doubtful.has(instrument)).toBe(true);
            if (type === 'PriceHalted') halted.add(instrument);
            if (type === 'PriceRestored') halted.delete(instrument);
            if (type === 'SourceDegraded') doubtful.add(instrument);
            if (type === 'SourceRecovered') doubtful.delete(instrument);
          }
          for (const { instrument, status, reasons } of marks) {
            expect(status === 'HALTED').toBe(halted.has(instrument));
            expect(status === 'OK').toBe(!doubtful.has(instrument));
            expect(status === 'OK').toBe(reasons.length === 0);
          }
        }
      }),
      { seed: 41, numRuns: RUNS },
    );
  });

  it('keep a composite that is not halted within the prices it may stand on', () => {
    fc.assert(
      fc.property(market, (bars) => {
        const last = new Map<string, Mark>();
        for (const { marks } of play(bars)) {
          for (const mark of marks) last.set(mark.instrument, mark);
          const composite = marks.find(({ kind }) => kind === 'composite');
          if (composite === undefined || composite.status === 'HALTED') continue;
          const usable = [...last.values()].filter(
            ({ kind, status }) => kind === 'price' && status !== 'HALTED',
          );
          const values = usable.map(({ price }) => Number(price));
          expect(Number(composite.price)).toBeGreaterThanOrEqual(Math.min(...values));
          expect(Number(composite.price)).toBeLessThanOrEqual(Math.max(...values));
        }
      }),
      { seed: 42, numRuns: RUNS },
    );
  });

  it('move further than the bound on one source alone only when three prices in a row agree', () => {
    const apart = (a: number, b: number): number => (Math.abs(a - b) / ((a + b) / 2)) * 10_000;
    let jumps = 0;
    fc.assert(
      fc.property(market, (bars) => {
        const alone = bars.map(([first, , , quiet]): Bar => [first, undefined, undefined, quiet]);
        const arrived: number[] = [];
        let before: number | undefined;
        play(alone).forEach(({ marks }, index) => {
          const cents = alone[index]?.[0];
          if (cents !== undefined) arrived.push(cents / 100);
          const mark = marks.find(({ instrument }) => instrument === INSTRUMENTS[0]);
          if (mark === undefined) return;
          const value = Number(mark.price);
          if (before !== undefined && apart(value, before) > 2000) {
            jumps += 1;
            const [third = 0, second = 0, newest = 0] = arrived.slice(-3);
            expect(newest).toBe(value);
            expect(Math.max(apart(newest, second), apart(second, third))).toBeLessThanOrEqual(2000);
          }
          before = value;
        });
      }),
      { seed: 43, numRuns: RUNS },
    );
    expect(jumps).toBeGreaterThan(5);
  });
});
