import type { EventOf, EventPayloads, EventType } from '@evenkeel/facts';
import { NANOS_PER_SECOND, formatInstant, parseInstant, yearsBetween } from '@evenkeel/kernel';
import { runInProcess } from '@evenkeel/lab';
import type { LabRun } from '@evenkeel/lab';
import { priceInverse } from '@evenkeel/pricing';
import { parseBookFile } from '../files/book-file';
import { markOfQuote } from '../tape/option-quote';
import { rawPrice } from '../tape/raw-instant';
import type { RawInstant, RawPrice, SourceDescription } from '../tape/raw-instant';
import { tapeOf } from '../tape/tape';

/** Attacks on the price, each run through every core over a made-up market of four sources that quote once a second. */

const START = parseInstant('2026-01-05T09:00:00Z');
const SECONDS = 600;
const ATTACK = { from: 300, to: 360 } as const;
const EXPIRY = '2026-01-09T08:00:00Z';
const HEDGE = 'BTCUSDT-PERP@binance';
const LIAR = 'BTC-USDT-SWAP@okx';
const INSTRUMENTS = [HEDGE, 'BTCUSDT@coinbase', 'BTC-PERPETUAL@deribit', LIAR] as const;
const nameOf = (instrument: string): string => `quotes:${instrument}`;

const SOURCES: readonly SourceDescription[] = [
  ...INSTRUMENTS.map((instrument): SourceDescription => {
    const operator = instrument.slice(instrument.lastIndexOf('@') + 1);
    return {
      source: nameOf(instrument),
      kind: 'price',
      instrument,
      underlying: 'BTC',
      interval: NANOS_PER_SECOND,
      operator,
    };
  }),
  { source: 'chain', kind: 'option', instrument: 'BTC@deribit', underlying: 'BTC' },
];

/** What one source says at a second: nothing, or a price with the time it is stamped with. */
type Said = { readonly price: number; readonly stamped?: number } | undefined;
type Attack = (instrument: string, second: number, honest: number) => Said;

/** A market that goes up and down by about two percent, so that there is something to hedge. */
function honestPrice(second: number): number {
  const phase = (second % 240) / 240;
  const triangle = phase < 0.5 ? 4 * phase - 1 : 3 - 4 * phase;
  return Math.round(90_000 * (1 + 0.01 * triangle) * 10) / 10;
}

function optionQuotes(at: bigint) {
  const years = yearsBetween(at, parseInstant(EXPIRY));
  return (['C', 'P'] as const).map((side) => {
    const type = side === 'C' ? 'call' : 'put';
    const value = priceInverse({ type, F: 90_000, K: 90_000, T: years, sigma: 0.5 }).valueCoin;
    return markOfQuote({
      instrument: `BTC-9JAN26-90000-${side}@deribit`,
      price: value.toFixed(6),
      bid: undefined,
      ask: undefined,
      volatility: 0.5,
      forward: '90000',
      index: '90000',
      eventTime: formatInstant(at),
      source: 'chain',
    });
  });
}

function run(attack: Attack): LabRun {
  const instants = Array.from({ length: SECONDS }, (_, second): RawInstant => {
    const at = START + BigInt(second) * NANOS_PER_SECOND;
    const honest = honestPrice(second);
    const prices = INSTRUMENTS.flatMap((instrument): RawPrice[] => {
      const attacked = second >= ATTACK.from && second < ATTACK.to;
      const said = attacked ? attack(instrument, second, honest) : { price: honest };
      if (said === undefined) return [];
      const stamped = at + BigInt(said.stamped ?? 0) * NANOS_PER_SECOND;
      const told = { source: nameOf(instrument), instrument, price: said.price.toFixed(1), traded: true };
      return [rawPrice({ ...told, at: stamped, eventTime: formatInstant(stamped) })];
    });
    const eventTime = formatInstant(at);
    return {
      at,
      eventTime,
      prices,
      quotes: second === 0 ? optionQuotes(at) : [],
      fundings: [],
      deliveries: [],
    };
  });
  const to = START + BigInt(SECONDS) * NANOS_PER_SECOND;
  const tape = tapeOf({ name: 'attacked', from: START, to, sources: SOURCES, instants });
  const leg = (side: string) => ({
    instrument: `BTC-9JAN26-90000-${side}@deribit`,
    quantity: '-10',
    price: '0.02',
    at: formatInstant(START),
  });
  const book = parseBookFile(
    {
      book: 'attacked',
      numeraire: 'USD',
      positions: [leg('C'), leg('P')],
      hedge: { instruments: [HEDGE], policy: { kind: 'delta-band', band: '0.1' } },
      evaluation: { priceMoveBps: '2', maxInterval: 'PT5S' },
    },
    'the attacked book',
  );
  return runInProcess({ tape, books: [{ file: book, source: 'the attacked book' }], journal: 'light' });
}

function eventsOf<T extends EventType>({ journal }: LabRun, type: T): EventPayloads[T][] {
  return journal.all.flatMap(({ commit }) =>
    commit.events.flatMap(({ event }) =>
      event.type === type ? [(event as unknown as EventOf<T>).payload as EventPayloads[T]] : [],
    ),
  ); // narrowed by its type
}

const secondOf = (at: string): number => Number(parseInstant(at) - START) / 1e9;

interface Hedge {
  readonly second: number;
  readonly quantity: string;
}

function hedges(lab: LabRun): Hedge[] {
  return eventsOf(lab, 'HedgeDecided').flatMap(({ at, trades }) =>
    trades.map(({ quantity }) => ({ second: Math.floor(secondOf(at)), quantity })),
  );
}

const during = (all: readonly Hedge[], from: number = ATTACK.from, to: number = ATTACK.to): Hedge[] =>
  all.filter(({ second }) => second >= from && second < to);

function composites(lab: LabRun): string[] {
  return [...eventsOf(lab, 'PriceHalted'), ...eventsOf(lab, 'PriceRestored')].map(
    ({ instrument, at }) => `${instrument} ${secondOf(at)}`,
  );
}

/** Sum of the hedges until a second, in coins. */
function hedged(lab: LabRun, until: number = SECONDS): number {
  return hedges(lab).reduce(
    (sum, { second, quantity }) => (second < until ? sum + Number(quantity) : sum),
    0,
  );
}

/** Every hedge was decided on the price that was really there. */
function expectTruth(lab: LabRun): void {
  for (const { at, assessments } of eventsOf(lab, 'HedgeDecided'))
    for (const { spot } of assessments)
      expect(Math.abs(spot / honestPrice(Math.floor(secondOf(at))) - 1)).toBeLessThan(1e-4);
}

describe('attacks on the price, through every core', () => {
  const peaceful = run((_, __, honest) => ({ price: honest }));

  it('there is something to hedge in peace, and nothing halts', () => {
    expect(during(hedges(peaceful)).length).toBeGreaterThan(2);
    expect(composites(peaceful)).toEqual([]);
  });

  it('one source manipulated: left out at once, and every hedge is the one of peace', () => {
    const lab = run((instrument, _, honest) => ({ price: instrument === LIAR ? honest * 1.05 : honest }));
    expect(hedges(lab)).toEqual(hedges(peaceful));
    const [halted] = eventsOf(lab, 'PriceHalted');
    expect(halted).toMatchObject({ instrument: LIAR, reasons: ['DEVIATES'] });
    expect(secondOf(halted?.at ?? '')).toBe(ATTACK.from);
    // Everything that it was judged from is on the record.
    expect(halted?.observed.map(({ source }) => source)).toEqual([
      ...INSTRUMENTS.map(nameOf),
      'time-weighted-average',
    ]);
  });

  it('slow drift: the source that walks away is left out before it moves the price', () => {
    const lab = run((instrument, second, honest) => ({
      price: instrument === LIAR ? honest * (1 + 0.0002 * (second - ATTACK.from)) : honest,
    }));
    // While it walks, DEGRADED widens the bands: fewer hedges, each on the true price, and the same sum in the end.
    expectTruth(lab);
    expect(Math.abs(hedged(lab) - hedged(peaceful))).toBeLessThan(0.25);
    const [halted] = eventsOf(lab, 'PriceHalted');
    expect(halted?.instrument).toBe(LIAR);
    const liar = halted?.observed.find(({ source }) => source === nameOf(LIAR));
    expect(Math.abs(liar?.deviationBps ?? 0)).toBeLessThan(60);
  });

  it('two against two: nobody can tell who lies, so nothing is hedged until they agree', () => {
    const lab = run((instrument, _, honest) => ({
      price: instrument === LIAR || instrument === HEDGE ? honest * 1.03 : honest,
    }));
    expect(during(hedges(lab))).toEqual([]);
    expect(eventsOf(lab, 'PriceHalted').map(({ instrument }) => instrument)).toContain('BTC@composite');
    expect(eventsOf(lab, 'HedgeDeclined').some(({ reasons }) => reasons.includes('PRICE_HALTED'))).toBe(true);
    expect(during(hedges(lab), ATTACK.to, SECONDS).length).toBeGreaterThan(0);
  });

  it('flash wick: a price that all sources show for seconds is not traded on', () => {
    const wick = { from: ATTACK.from + 10, to: ATTACK.from + 14 };
    const lab = run((_, second, honest) => ({
      price: second >= wick.from && second < wick.to ? honest * 0.92 : honest,
    }));
    expect(during(hedges(lab), wick.from, wick.to)).toEqual([]);
    const halted = eventsOf(lab, 'PriceHalted').find(({ instrument }) => instrument === 'BTC@composite');
    expect(halted?.reasons).toContain('TWAP');
    expect(secondOf(halted?.at ?? '')).toBe(wick.from);
    const restored = eventsOf(lab, 'PriceRestored').find(({ instrument }) => instrument === 'BTC@composite');
    expect(secondOf(restored?.at ?? '')).toBeGreaterThan(wick.to);
    // The book ends where it would have been, give or take its band.
    expect(Math.abs(hedged(lab) - hedged(peaceful))).toBeLessThan(0.25);
  });

  it('frozen feed: one that repeats itself while the others move is left out; all silent halts', () => {
    const stuck = honestPrice(ATTACK.from);
    const one = run((instrument, _, honest) => ({ price: instrument === LIAR ? stuck : honest }));
    expectTruth(one);
    expect(Math.abs(hedged(one) - hedged(peaceful))).toBeLessThan(0.25);
    expect(eventsOf(one, 'PriceHalted').map(({ instrument }) => instrument)).toEqual([LIAR]);
    const all = run(() => undefined);
    const halted = eventsOf(all, 'PriceHalted').find(({ instrument }) => instrument === 'BTC@composite');
    expect(halted?.reasons).toContain('STALE');
    expect(secondOf(halted?.at ?? '')).toBeLessThanOrEqual(ATTACK.from + 4);
    expect(during(hedges(all), ATTACK.from + 4, ATTACK.to)).toEqual([]);
  });

  it('clock attack: prices from the future and from the past are refused and speak against their source', () => {
    const future = run((instrument, _, honest) =>
      instrument === LIAR ? { price: honest * 1.03, stamped: 3_600 } : { price: honest },
    );
    expect(hedges(future)).toEqual(hedges(peaceful));
    expect(eventsOf(future, 'PriceHalted')[0]).toMatchObject({ instrument: LIAR, reasons: ['CLOCK_FUTURE'] });
    const past = run((instrument, second, honest) =>
      instrument === LIAR ? { price: honestPrice(second - 60), stamped: -60 } : { price: honest },
    );
    expect(hedges(past)).toEqual(hedges(peaceful));
    expect(eventsOf(past, 'PriceHalted')[0]?.reasons).toContain('CLOCK_BACKWARDS');
  });
});
