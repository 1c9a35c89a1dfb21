import type { DomainEvent, MarketInstant } from '@evenkeel/facts';
import { Decimal, formatInstant, parseInstant, sum } from '@evenkeel/kernel';
import fc from 'fast-check';
import { bookOpened, createScenario, filled, optionMark, priceMark, spotMark } from '../test/scenario';
import { createKernelLegPricer } from './kernel-leg-pricer';
import { createRiskCore } from './risk-core';

const START = parseInstant('2026-01-09T06:00:00Z');
const EXPIRY = '2026-01-09T08:00:00Z';
const CALL = 'BTC-9JAN26-89000-C@deribit';
const LATER = 'BTC-30JAN26-89000-P@deribit';
const PERP = 'BTCUSDT-PERP@binance';
const INVERSE = 'BTC-PERPETUAL@deribit';
const BOOKS = ['desk', 'b'] as const;
const pricer = createKernelLegPricer();

/** One thing that becomes known, a few minutes after the last. */
const happening = fc.record({
  minutes: fc.integer({ min: 1, max: 25 }),
  spot: fc.option(fc.integer({ min: 85000, max: 93000 }), { nil: undefined }),
  perp: fc.boolean(),
  quote: fc.boolean(),
  halted: fc.boolean(),
  funding: fc.boolean(),
  delivery: fc.boolean(),
  wakeOnly: fc.boolean(),
  fill: fc.option(
    fc.record({
      book: fc.constantFrom(...BOOKS),
      inverse: fc.boolean(),
      lots: fc.integer({ min: -900, max: 900 }).filter((lots) => lots !== 0),
    }),
    { nil: undefined },
  ),
});
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

type Mode = 'straight' | 'reloaded' | 'crashing';

function tell(happenings: readonly Happening[], mode: Mode): DomainEvent[] {
  const scenario = createScenario(createRiskCore({ pricer }), 'book', {
    crashAfterEachCommit: mode === 'crashing',
  });
  for (const book of BOOKS) {
    const planned = [
      { instrument: CALL, quantity: '-2', price: '0.02', at: '2026-01-09T06:07:00Z' },
      { instrument: LATER, quantity: '1', price: '0.03', at: '2026-01-09T06:30:00Z' },
      { instrument: CALL, quantity: '0.5', price: '0.021', at: '2026-01-09T06:30:00Z' },
    ];
    scenario.own(
      book,
      formatInstant(START),
      bookOpened({ book, planned, numeraire: book === 'desk' ? 'USD' : 'BTC', hedges: [PERP, INVERSE] }),
    );
  }
  let now = START;
  happenings.forEach((what, index) => {
    now += BigInt(what.minutes) * 60_000_000_000n;
    const at = formatInstant(now);
    if (mode === 'reloaded') scenario.reload();
    scenario.instant(at, what.wakeOnly ? { wakes: ['execution'] } : known(what, at));
    if (what.fill === undefined) return;
    const { book, inverse, lots } = what.fill;
    const trade = {
      instrument: inverse ? INVERSE : PERP,
      quantity: inverse ? String(lots) : Decimal.ofUnits(BigInt(lots), 3).toString(),
    };
    const fee = inverse ? { currency: 'BTC', amount: '-0.00001' } : { currency: 'USDT', amount: '-1.5' };
    scenario.commit(book, at, filled({ book, ...trade, price: '89500.5', fillId: `f-${index}`, fee, at }));
  });
  return scenario.said;
}

function known(what: Happening, at: string): Partial<MarketInstant> {
  const marks = [];
  if (what.quote) marks.push(optionMark(CALL, 0.5, 89100, at), optionMark(LATER, 0.45, 89700, at));
  if (what.spot !== undefined)
    marks.push(
      spotMark('BTC', what.spot, at, what.halted ? { status: 'HALTED', reasons: ['DEVIATES'] } : {}),
    );
  if (what.perp)
    marks.push(
      priceMark(PERP, (what.spot ?? 89000) + 15, at),
      priceMark(INVERSE, (what.spot ?? 89000) - 5, at),
    );
  const funding = { instrument: what.perp ? PERP : INVERSE, rate: '0.0001', at, source: 't' };
  const delivery = { underlying: 'BTC', venue: 'deribit', expiry: EXPIRY, price: '89444.44', source: 't' };
  return {
    marks,
    fundings: what.funding ? [funding] : [],
    deliveries: what.delivery && at >= EXPIRY ? [delivery] : [],
  };
}

const timelines = fc.array(happening, { minLength: 5, maxLength: 25, size: 'max' });
const runs = { seed: 20260107, numRuns: 30, endOnFailure: true };

describe('whatever the market and the venue do', () => {
  it('a restart between inputs, or a crash between commits, changes nothing that is said', () => {
    fc.assert(
      fc.property(timelines, (happenings) => {
        const straight = tell(happenings, 'straight');
        expect(JSON.stringify(tell(happenings, 'reloaded'))).toBe(JSON.stringify(straight));
        expect(JSON.stringify(byBook(tell(happenings, 'crashing')))).toBe(JSON.stringify(byBook(straight)));
      }),
      runs,
    );
  });

  it('each planned position is adopted once, each fill applied once, each expiry settled once', () => {
    fc.assert(
      fc.property(timelines, (happenings) => {
        const names = tell(happenings, 'straight').flatMap((event) => nameOf(event) ?? []);
        expect(new Set(names).size).toBe(names.length);
        const fills = happenings.filter(({ fill }) => fill !== undefined).length;
        expect(names.filter((name) => name.startsWith('fill')).length).toBe(fills);
      }),
      runs,
    );
  });

  it('the lines of the P&L add up to the last digit, and positions follow from what happened', () => {
    fc.assert(
      fc.property(timelines, (happenings) => {
        const held = new Map<string, Decimal>();
        for (const event of tell(happenings, 'straight')) {
          if (event.type === 'PositionAdopted' || event.type === 'FillApplied') {
            const key = `${event.payload.book} ${event.payload.instrument}`;
            const after = (held.get(key) ?? Decimal.ZERO).plus(Decimal.parse(event.payload.quantity));
            held.set(key, after);
            expect(event.payload.positionAfter).toBe(after.toString());
          } else if (event.type === 'OptionSettled') {
            held.delete(`${event.payload.book} ${event.payload.instrument}`);
          } else if (event.type === 'RiskSnapshotTaken') {
            const { pnl, equity, legs, unpriced, book } = event.payload;
            const [options, settlement, hedge, fees, funding] = [
              pnl.options,
              pnl.settlement,
              pnl.hedge,
              pnl.fees,
              pnl.funding,
            ].map((line) => Decimal.parse(line));
            if (!options || !settlement || !hedge || !fees || !funding) throw new Error('five lines');
            expect(options.plus(settlement).toString()).toBe(pnl.unhedged);
            expect(sum([options, settlement, hedge, fees, funding]).toString()).toBe(pnl.hedged);
            expect(equity).toBe(pnl.hedged);
            // Coins without a price stand among the unpriced too, by their own name.
            const shown = [...legs, ...unpriced]
              .filter(({ instrument }) => instrument.includes('@'))
              .map(({ instrument, quantity }) => [`${book} ${instrument}`, quantity]);
            const open = [...held]
              .filter(([key, quantity]) => key.startsWith(`${book} `) && !quantity.isZero())
              .map(([key, quantity]) => [key, quantity.toString()]);
            expect(shown.sort()).toEqual(open.sort());
          }
        }
      }),
      runs,
    );
  });
});

/** Crashing changes how the words of different books interleave, never what one book says. */
function byBook(events: readonly DomainEvent[]): DomainEvent[][] {
  return BOOKS.map((book) =>
    events.filter((event) => 'book' in event.payload && event.payload.book === book),
  );
}

function nameOf(event: DomainEvent): string | undefined {
  switch (event.type) {
    case 'PositionAdopted':
      return `adopted ${event.payload.book} ${event.payload.index}`;
    case 'FillApplied':
      return `fill ${event.payload.book} ${event.payload.fillId}`;
    case 'FundingAccrued':
      return `funding ${event.payload.book} ${event.payload.instrument} ${event.payload.at}`;
    case 'OptionSettled':
      return `settled ${event.payload.book} ${event.payload.instrument}`;
    case 'RiskSnapshotTaken':
      return `snapshot ${event.payload.snapshotId}`;
    default:
      return undefined;
  }
}
