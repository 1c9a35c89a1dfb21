import type { DomainEvent } from '@evenkeel/facts';
import { Decimal, required, sum } from '@evenkeel/kernel';
import { createRiskCore } from '@evenkeel/risk';
import fc from 'fast-check';
import {
  bookOpened,
  createScenario,
  eventsOf,
  filled,
  optionMark,
  priceMark,
  spotMark,
} from '../../risk/test/scenario';
import { PositionsOfBook } from './position-pnl';
import type { PositionPnl, PositionsPnl } from './position-pnl';
import { positionsTable } from './position-text';

const PERP = 'BTCUSDT-PERP@binance';
const INVERSE = 'BTC-PERPETUAL@deribit';
const CALL = 'BTC-2JAN26-90000-C@deribit';
const LATER = 'BTC-30JAN26-90000-C@deribit';
const EXPIRY = '2026-01-02T08:00:00Z';
const at = (minute: number): string => `2026-01-02T07:${String(minute).padStart(2, '0')}:00Z`;

interface Planned {
  readonly instrument: string;
  readonly quantity: string;
  readonly price: string;
}

function story(numeraire: string, planned: readonly Planned[]) {
  const scenario = createScenario(createRiskCore(), 'book');
  const opened = bookOpened({
    numeraire,
    planned: planned.map((position) => ({ ...position, at: at(0) })),
    hedges: [PERP, INVERSE, LATER],
    rules: { maxInterval: 'PT1M' },
  });
  if (opened.type !== 'BookOpened') throw new Error('a book was opened');
  scenario.own('b', at(0), opened);
  let minute = -1;
  const market = (spot: number, time: string, volatility: number) => ({
    marks: [
      spotMark('BTC', spot, time),
      priceMark(PERP, spot * 1.0003, time),
      priceMark(INVERSE, spot * 0.9998, time),
      optionMark(CALL, volatility, spot, time),
      optionMark(LATER, volatility, spot * 1.004, time),
    ],
  });
  return {
    step: (spot: number, volatility = 0.45) => {
      minute += 1;
      scenario.instant(at(minute), market(spot, at(minute), volatility));
    },
    trade: (instrument: string, quantity: string, price: string, fee: { currency: string; amount: string }) =>
      scenario.commit(
        'b',
        at(minute),
        filled({ instrument, quantity, price, fillId: `f-${scenario.said.length}`, fee }),
      ),
    fund: (instrument: string) =>
      scenario.instant(at(minute), {
        fundings: [{ instrument, rate: '0.0001', at: at(minute), source: 't' }],
      }),
    expire: (spot: number) =>
      scenario.instant(EXPIRY, {
        ...market(spot, EXPIRY, 0.45),
        deliveries: [
          { underlying: 'BTC', venue: 'deribit', expiry: EXPIRY, price: String(spot), source: 't' },
        ],
      }),
    said: scenario.said,
    positions: (): PositionsPnl => {
      const book = new PositionsOfBook(opened.payload);
      for (const event of scenario.said) book.note(event);
      return book.report();
    },
  };
}

/** Exactly the hedged P&L, and by origin what the lines of the snapshot say; what rounding left over is next to nothing. */
function checkSums({ positions, positionsRounding }: PositionsPnl, said: readonly DomainEvent[]): void {
  const { pnl } = required(eventsOf(said, 'RiskSnapshotTaken').at(-1), 'a snapshot');
  const of = (some: readonly PositionPnl[]): Decimal =>
    sum(some.map((position) => Decimal.parse(position.pnl)));
  expect(of(positions).plus(Decimal.parse(positionsRounding)).toString()).toBe(pnl.hedged);
  expect(Math.abs(Number(positionsRounding))).toBeLessThan(1e-6);
  for (const { cash, value, start, pnl: whole } of positions)
    expect(Decimal.parse(cash).plus(Decimal.parse(value)).minus(Decimal.parse(start)).toString()).toBe(whole);
}

const dollars = (amount: string) => ({ currency: 'USDT', amount });

describe('P&L by position', () => {
  it('tells what the book brought in from what hedged it, in a contract that both hold and that is netted flat', () => {
    const { step, trade, positions, said } = story('USD', [
      { instrument: PERP, quantity: '2', price: '90000' },
    ]);
    step(90000);
    trade(PERP, '-2', '90100', dollars('-45'));
    step(91000);
    const found = positions();
    // The mark is 91,027.30: the book made 2 × 1,027.30, the hedge lost 2 × 927.30 and its fee.
    expect(found.positions.map(({ origin, quantity, pnl }) => [origin, quantity, pnl])).toEqual([
      ['own', '2', '2054.6'],
      ['hedge', '-2', '-1899.6'],
    ]);
    checkSums(found, said);
  });

  it('keeps an option that has expired, with its premium and its payoff', () => {
    const { step, expire, positions, said } = story('USD', [
      { instrument: CALL, quantity: '-3', price: '0.01' },
    ]);
    step(90000);
    expire(100000);
    const [call, ...others] = positions().positions;
    expect(others).toEqual([]);
    // 3 × 0.01 BTC came in, 3 × 0.1 BTC and 3 × 0.00015 BTC of fees went out; all of it at the spot of the last snapshot.
    expect(call).toMatchObject({ instrument: CALL, origin: 'own', quantity: '0', value: '0', pnl: '-27045' });
    checkSums(positions(), said);
  });

  it('adds up to the hedged P&L to the last digit, whatever happens', () => {
    const lots = fc.integer({ min: -300, max: 300 });
    const move = fc.record({
      spot: fc.double({ min: 0.97, max: 1.03, noNaN: true }),
      volatility: fc.double({ min: 0.3, max: 0.7, noNaN: true }),
      lots,
      traded: fc.constantFrom(PERP, INVERSE, LATER),
      funding: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.constantFrom('USD', 'BTC'),
        fc.tuple(lots, lots, lots, lots),
        fc.array(move, { minLength: 1, maxLength: 8 }),
        fc.boolean(),
        (numeraire, own, moves, netted) => {
          const sizes: readonly (readonly [string, number, string])[] = [
            [PERP, own[0] / 100, '90010'],
            [INVERSE, own[1], '89990'],
            [CALL, own[2] / 10, '0.012'],
            [LATER, own[3] / 10, '0.05'],
          ];
          const planned = sizes
            .filter(([, quantity]) => quantity !== 0)
            .map(([instrument, quantity, price]) => ({ instrument, quantity: String(quantity), price }));
          const { step, trade, fund, expire, positions, said } = story(numeraire, planned);
          step(90000);
          let spot = 90000;
          for (const next of moves) {
            spot *= next.spot;
            step(spot, next.volatility);
            const price = next.traded === LATER ? '0.0515' : (spot * 1.0002).toFixed(1);
            const quantity =
              next.traded === PERP ? next.lots / 1000 : next.traded === INVERSE ? next.lots : next.lots / 10;
            const fee = next.traded === PERP ? dollars('-3.21') : { currency: 'BTC', amount: '-0.00002' };
            if (next.lots !== 0) trade(next.traded, String(quantity), price, fee);
            if (next.funding) fund(next.traded === INVERSE ? INVERSE : PERP);
            checkSums(positions(), said);
          }
          if (netted)
            for (const { instrument, quantity } of planned)
              if (instrument !== CALL)
                trade(
                  instrument,
                  String(-Number(quantity)),
                  instrument === LATER ? '0.05' : '90000',
                  dollars('0'),
                );
          step(spot);
          checkSums(positions(), said);
          expire(spot * 1.01);
          checkSums(positions(), said);
        },
      ),
      { seed: 20260107, numRuns: 60, endOnFailure: true },
    );
  });
});

describe('the table of P&L by position', () => {
  it('shows the largest, the others in one line, and figures that add up to the total', () => {
    const units = fc
      .bigInt({ min: -(10n ** 13n), max: 10n ** 13n })
      .map((value) => Decimal.ofUnits(value, 8));
    fc.assert(
      fc.property(fc.array(units, { minLength: 1, maxLength: 14 }), (amounts) => {
        const positions = amounts.map((amount, row): PositionPnl => {
          const pnl = amount.toString();
          return {
            instrument: `C${row}`,
            origin: 'own',
            quantity: '1',
            cash: pnl,
            value: '0',
            start: '0',
            pnl,
          };
        });
        const lines = positionsTable(positions, sum(amounts).toString(), 'USD').slice(1);
        const figures = lines.map((line) =>
          Decimal.parse(
            required(line.split(/\s{2,}/).at(-1), line)
              .replace('−', '-')
              .replace(/,/g, ''),
          ),
        );
        expect(sum(figures.slice(0, -1)).toString()).toBe(required(figures.at(-1), 'a total').toString());
        expect(lines.filter((line) => line.startsWith('C'))).toHaveLength(
          amounts.length > 9 ? 8 : amounts.length,
        );
        expect(lines.some((line) => line.startsWith(`${amounts.length - 8} others`))).toBe(
          amounts.length > 9,
        );
      }),
      { seed: 12, numRuns: 200 },
    );
  });
});
