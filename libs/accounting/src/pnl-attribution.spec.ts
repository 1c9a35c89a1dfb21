import type { DomainEvent, RiskSnapshotTaken } from '@evenkeel/facts';
import { Decimal, sum } from '@evenkeel/kernel';
import { createRiskCore } from '@evenkeel/risk';
import fc from 'fast-check';
import {
  bookOpened,
  createScenario,
  filled,
  optionMark,
  priceMark,
  spotMark,
} from '../../risk/test/scenario';
import { contractsOfBook } from './journal-entries';
import type { PnlAttribution } from './pnl-attribution';
import { ATTRIBUTION_TERMS } from './attribution-terms';
import type { AttributionTerm } from './attribution-terms';
import { attributePnl } from './pnl-attribution';
import { createRunAttribution } from './run-attribution';

const PERP = 'BTCUSDT-PERP@binance';
const INVERSE = 'BTC-PERPETUAL@deribit';
const CALL = 'BTC-30JAN26-90000-C@deribit';
const at = (minute: number): string =>
  `2026-01-02T${String(10 + Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}:00Z`;

interface Market {
  readonly spot: number;
  readonly perp?: number;
  readonly volatility?: number;
}

function story(numeraire: string, held: 'call' | 'nothing') {
  const scenario = createScenario(createRiskCore(), 'book');
  const planned = held === 'call' ? [{ instrument: CALL, quantity: '-3', price: '0.04', at: at(0) }] : [];
  const opened = bookOpened({ planned, numeraire, hedges: [PERP, INVERSE], rules: { maxInterval: 'PT1M' } });
  if (opened.type !== 'BookOpened') throw new Error('a book was opened');
  scenario.own('b', at(0), opened);
  let minute = -1;
  let basis = 1;
  const step = ({ spot, perp = spot, volatility }: Market): void => {
    minute += 1;
    const marks = [
      priceMark(PERP, perp, at(minute)),
      priceMark(INVERSE, perp, at(minute)),
      spotMark('BTC', spot, at(minute)),
    ];
    if (volatility !== undefined) basis *= 1.00002;
    const quote =
      volatility === undefined ? [] : [optionMark(CALL, volatility, spot * 1.004 * basis, at(minute))];
    scenario.instant(at(minute), { marks: [...quote, ...marks] });
  };
  return {
    step,
    trade: (instrument: string, quantity: string, price: string, fillId: string) => {
      const fee =
        instrument === PERP ? { currency: 'USDT', amount: '-3' } : { currency: 'BTC', amount: '-0.00002' };
      scenario.commit('b', at(minute), filled({ instrument, quantity, price, fillId, fee }));
    },
    fund: (instrument: string) => {
      minute += 1;
      scenario.instant(at(minute), {
        fundings: [{ instrument, rate: '0.0001', at: at(minute), source: 't' }],
      });
    },
    attribute: (): PnlAttribution[] => attributions(scenario.said, opened.payload),
    events: (): DomainEvent[] => [opened, ...scenario.said],
  };
}

function attributions(
  said: readonly DomainEvent[],
  opened: Parameters<typeof contractsOfBook>[0],
): PnlAttribution[] {
  const terms = contractsOfBook(opened);
  const found: PnlAttribution[] = [];
  let last: RiskSnapshotTaken | undefined;
  let between: DomainEvent[] = [];
  for (const event of said) {
    if (event.type !== 'RiskSnapshotTaken') between.push(event);
    else {
      if (last !== undefined) found.push(attributePnl(last, event.payload, between, terms));
      last = event.payload;
      between = [];
    }
  }
  return found;
}

function total(found: readonly PnlAttribution[], term: AttributionTerm): number {
  return Number(sum(found.map((entry) => Decimal.parse(entry[term]))).toString());
}

describe('attribution', () => {
  it('explains perpetuals completely: direction, basis, funding, fees and the price that trades were done at', () => {
    const { step, trade, fund, attribute } = story('USD', 'nothing');
    step({ spot: 90000 });
    trade(PERP, '2', '90005', 'f-1');
    step({ spot: 90900, perp: 90945 });
    trade(PERP, '-0.5', '90940', 'f-2');
    fund(PERP);
    step({ spot: 90000, perp: 90045 });
    trade(PERP, '-1.5', '90040', 'f-3');
    step({ spot: 89000 });
    const found = attribute();
    expect(Math.abs(total(found, 'residual'))).toBeLessThan(1e-6);
    expect(total(found, 'fees')).toBe(-6);
    expect(total(found, 'funding')).toBeCloseTo(-1.5 * 90945 * 0.0001, 8);
    expect(total(found, 'newTrades')).toBeCloseTo(-0.5 * 5 - 1.5 * 5, 6);
    expect(total(found, 'gamma')).toBe(0);
  });

  it.each(['USD', 'BTC'])(
    'explains a short call in %s by delta, gamma, theta and vega, with little left over',
    (numeraire) => {
      const { step, attribute } = story(numeraire, 'call');
      step({ spot: 90000, volatility: 0.45 });
      step({ spot: 90200 });
      step({ spot: 89900, volatility: 0.455 });
      step({ spot: 89950 });
      for (const entry of attribute().slice(1)) {
        const gross = ATTRIBUTION_TERMS.reduce((size, term) => size + Math.abs(Number(entry[term])), 0);
        expect(Math.abs(Number(entry.residual)) / gross).toBeLessThan(0.003);
        expect(Math.sign(Number(entry.theta))).toBe(1);
      }
    },
  );

  it('sums exactly whatever happens, in any numeraire', () => {
    const move = fc.record({
      spot: fc.double({ min: 0.97, max: 1.03, noNaN: true }),
      perp: fc.double({ min: 0.999, max: 1.001, noNaN: true }),
      volatility: fc.option(fc.double({ min: 0.3, max: 0.7, noNaN: true }), { nil: undefined }),
      lots: fc.integer({ min: -2000, max: 2000 }),
      inverse: fc.boolean(),
      funding: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.constantFrom('USD', 'BTC'),
        fc.array(move, { minLength: 2, maxLength: 10 }),
        (numeraire, moves) => {
          const { step, trade, fund, attribute } = story(numeraire, 'call');
          step({ spot: 90000, volatility: 0.45 });
          let spot = 90000;
          moves.forEach((next, index) => {
            spot *= next.spot;
            step({
              spot,
              perp: spot * next.perp,
              ...(next.volatility === undefined ? {} : { volatility: next.volatility }),
            });
            if (next.lots !== 0) {
              const price = (spot * 1.0002).toFixed(1);
              if (next.inverse) trade(INVERSE, String(next.lots), price, `f-${index}`);
              else trade(PERP, (next.lots / 1000).toFixed(3), price, `f-${index}`);
            }
            if (next.funding) fund(next.inverse ? INVERSE : PERP);
          });
          const found = attribute();
          for (const entry of found) {
            const parts = sum(ATTRIBUTION_TERMS.map((term) => Decimal.parse(entry[term])));
            expect(parts.toString()).toBe(entry.total);
            for (const term of [...ATTRIBUTION_TERMS, 'total'] as const) {
              const apart = sum(entry.byUnderlying.map((part) => Decimal.parse(part[term])));
              expect(apart.toString()).toBe(entry[term]);
            }
          }
          expect(found.length).toBeGreaterThan(moves.length - 1);
        },
      ),
      { seed: 20260106, numRuns: 60, endOnFailure: true },
    );
  });

  it('adds up over a run, and the run’s total is the change of the hedged P&L', () => {
    const { step, trade, events } = story('USD', 'call');
    step({ spot: 90000, volatility: 0.45 });
    trade(PERP, '1.5', '90001', 'f-1');
    step({ spot: 91000 });
    step({ spot: 90500, volatility: 0.44 });
    const run = createRunAttribution();
    for (const event of events()) run.add({ book: 'b', events: [event] });
    const [report] = run.report();
    const snapshots = events().flatMap((event) =>
      event.type === 'RiskSnapshotTaken' ? [event.payload] : [],
    );
    const [first, last] = [snapshots[0], snapshots[snapshots.length - 1]];
    if (report === undefined || first === undefined || last === undefined)
      throw new Error('snapshots were taken');
    const change = Decimal.parse(last.pnl.hedged).minus(Decimal.parse(first.pnl.hedged));
    expect(report.total).toBe(change.toString());
    expect(sum(ATTRIBUTION_TERMS.map((term) => Decimal.parse(report.terms[term]))).toString()).toBe(
      report.total,
    );
    expect(report.intervals).toBe(snapshots.length - 1);
    expect(report.residual.medianPercentOfGross).toBeLessThan(2);
  });

  it.each(['USD', 'BTC'])('leaves little of a crash unexplained in %s', (numeraire) => {
    const { step, events } = story(numeraire, 'call');
    const fall: Market[] = [
      { spot: 90000, volatility: 0.45 },
      { spot: 88200, perp: 88100 },
      { spot: 86000, perp: 85600, volatility: 0.55 },
      { spot: 83000, perp: 82100, volatility: 0.7 },
      { spot: 79000, perp: 77500, volatility: 0.95 },
      { spot: 81500, perp: 81200, volatility: 0.85 },
      { spot: 84000, perp: 83900, volatility: 0.7 },
    ];
    for (const market of fall) step(market);
    const run = createRunAttribution();
    for (const event of events()) run.add({ book: 'b', events: [event] });
    const [report] = run.report();
    expect(report?.residualPercentOfGross).toBeLessThan(5);
  });
});
