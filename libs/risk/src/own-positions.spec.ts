import fc from 'fast-check';
import { Decimal } from '@evenkeel/kernel';
import { bookOpened, createScenario, eventsOf, filled, priceMark, spotMark } from '../test/scenario';
import { createRiskCore } from './risk-core';

const PERP = 'BTCUSDT-PERP@binance';
const SPOT = 'BTCUSDT@binance';
const DAY = '2026-01-02T';
const at = (minute: number): string => `${DAY}10:${String(minute).padStart(2, '0')}:00Z`;

function begun(instrument: string, quantity: string, price: string, hedges: readonly string[] = [PERP]) {
  const scenario = createScenario(createRiskCore(), 'book');
  const planned = [{ instrument, quantity, price, at: at(0) }];
  scenario.own('b', at(0), bookOpened({ planned, hedges }));
  let minute = 0;
  const snapshots = () => eventsOf(scenario.said, 'RiskSnapshotTaken');
  return {
    scenario,
    market: (value: number) => {
      minute += 1;
      const marks = [spotMark('BTC', value, at(minute)), priceMark(PERP, value, at(minute))];
      scenario.instant(at(minute), { marks: [...marks, priceMark(SPOT, value, at(minute))] });
    },
    fill: (contracts: string, fillPrice: string) => {
      minute += 1;
      const fill = { fillId: `f-${minute}`, quantity: contracts, price: fillPrice, at: at(minute) };
      scenario.commit('b', at(minute), filled({ ...fill, fee: { currency: 'USDT', amount: '0' } }));
    },
    last: () => {
      const taken = snapshots().at(-1);
      if (taken === undefined) throw new Error('no snapshot');
      return taken;
    },
  };
}

describe('whose P&L it is', () => {
  it('is the book’s, where nothing was hedged, though hedges are made of the same contract', () => {
    const book = begun(PERP, '2', '90000');
    book.market(90000);
    book.market(89875.01);
    const { pnl, exposures } = book.last();
    expect(pnl).toMatchObject({ options: '-249.98', unhedged: '-249.98', hedge: '0', hedged: '-249.98' });
    expect(exposures[0]).toMatchObject({ delta: 2, optionDelta: 2, hedgeDelta: 0 });
  });

  it('stays the book’s when a hedge in the same contract has made it flat', () => {
    const book = begun(PERP, '2', '90000');
    book.market(90000);
    book.fill('-2', '90100');
    book.market(90500);
    expect(book.last().pnl).toMatchObject({ options: '1000', hedge: '-800', hedged: '200' });
    // Another hedge in the other direction is the hedges' too.
    book.fill('0.5', '90400');
    book.market(90600);
    expect(book.last().pnl).toMatchObject({ options: '1200', hedge: '-900', hedged: '300' });
  });

  it('is the book’s for spot that it brought in', () => {
    const book = begun(SPOT, '1.5', '90000');
    book.market(91000);
    book.fill('-1.5', '91000');
    book.market(92000);
    const { pnl, exposures } = book.last();
    expect(pnl).toMatchObject({ options: '3000', hedge: '-1500', hedged: '1500' });
    expect(exposures[0]).toMatchObject({ delta: 0, optionDelta: 1.5, hedgeDelta: -1.5 });
  });

  it('is told apart for any order of trades, and adds up to what the account made', () => {
    const lots = fc.integer({ min: -30, max: 30 }).filter((n) => n !== 0);
    fc.assert(
      fc.property(
        lots,
        fc.array(fc.tuple(lots, fc.integer({ min: 80_000, max: 100_000 })), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 80_000, max: 100_000 }),
        (own, fills, end) => {
          const book = begun(PERP, String(own / 10), '90000');
          book.market(90000);
          for (const [size, price] of fills) book.fill(String(size / 10), String(price));
          book.market(end);
          const { pnl } = book.last();
          const madeBy = (size: number, price: number): Decimal =>
            Decimal.ofUnits(BigInt(size), 1).times(Decimal.ofInteger(end - price));
          const hedges = fills.map(([size, price]) => madeBy(size, price));
          expect(Number(pnl.options)).toBeCloseTo(madeBy(own, 90000).toNumber(), 6);
          expect(Number(pnl.hedge)).toBeCloseTo(
            hedges.reduce((a, b) => a.plus(b), Decimal.ZERO).toNumber(),
            6,
          );
          // Across a restart, from the state alone.
          book.scenario.reload();
          book.market(end);
          expect(Number(book.last().pnl.options)).toBeCloseTo(madeBy(own, 90000).toNumber(), 6);
        },
      ),
      { seed: 12, numRuns: 60 },
    );
  });
});
