import type { DomainEvent, MoneyAmount, RiskSnapshotTaken } from '@evenkeel/facts';
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
import { ATTRIBUTION_TERMS, grossOf } from './attribution-terms';
import type { AttributionTerm } from './attribution-terms';
import { noActivity, noteActivity } from './activity';
import { ExplainedBook, REFERENCES_MAX } from './explained-book';
import type { ExplainedDay } from './explained-book';
import { createRunAttribution, explainedPnl } from './explained-pnl';
import type { BookPnl } from './explained-pnl';
import { builtInContracts, contractsOfBook } from './journal-entries';
import { attributePnl } from './pnl-attribution';
import type { UnderlyingPnl } from './pnl-attribution';

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
    attribute: (): Interval[] => intervals(scenario.said, opened.payload),
    events: (): DomainEvent[] => [opened, ...scenario.said],
  };
}

interface Interval {
  readonly parts: readonly UnderlyingPnl[];
  readonly change: string;
}

function intervals(said: readonly DomainEvent[], opened: Parameters<typeof contractsOfBook>[0]): Interval[] {
  const contracts = contractsOfBook(opened);
  const found: Interval[] = [];
  let before: RiskSnapshotTaken | undefined;
  let activity = noActivity();
  for (const event of said) {
    if (event.type !== 'RiskSnapshotTaken') {
      noteActivity(activity, event, { contracts, before, referenceOf: () => undefined });
      continue;
    }
    const after = event.payload;
    if (before !== undefined)
      found.push({
        parts: attributePnl(before, after, activity, contracts),
        change: Decimal.parse(after.pnl.hedged).minus(Decimal.parse(before.pnl.hedged)).toString(),
      });
    before = after;
    activity = noActivity();
  }
  return found;
}

function total(found: readonly Interval[], term: AttributionTerm): number {
  return sum(found.flatMap(({ parts }) => parts.map(({ terms }) => terms[term]))).toNumber();
}

function runOver(events: readonly DomainEvent[]): BookPnl[] {
  const run = createRunAttribution();
  for (const event of events) run.add({ book: 'b', events: [event] });
  return run.report();
}

function snapshotsOf(events: readonly DomainEvent[]): RiskSnapshotTaken[] {
  return events.flatMap((event) => (event.type === 'RiskSnapshotTaken' ? [event.payload] : []));
}

const coin = (amount: string): MoneyAmount => ({ currency: 'BTC', amount });

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
      for (const { parts } of attribute().slice(1)) {
        const [own, ...others] = parts;
        if (own === undefined) throw new Error('the call is explained');
        expect(others).toEqual([]);
        expect(own.terms.residual.abs().toNumber() / grossOf(own.terms).toNumber()).toBeLessThan(0.003);
        expect(own.terms.theta.sign()).toBe(1);
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
          for (const { parts, change } of found) {
            for (const part of parts)
              expect(sum(ATTRIBUTION_TERMS.map((term) => part.terms[term])).toString()).toBe(
                part.total.toString(),
              );
            expect(sum(parts.map((part) => part.total)).toString()).toBe(change);
          }
          expect(found.length).toBeGreaterThan(moves.length - 1);
        },
      ),
      { seed: 20260106, numRuns: 60, endOnFailure: true },
    );
  });

  it('adds up over a run to the hedged P&L, from what the book was opened with', () => {
    const { step, trade, events } = story('USD', 'call');
    step({ spot: 90000, volatility: 0.45 });
    trade(PERP, '1.5', '90001', 'f-1');
    step({ spot: 91000 });
    step({ spot: 90500, volatility: 0.44 });
    const [report] = runOver(events());
    expect(report?.total).toBe(snapshotsOf(events()).at(-1)?.pnl.hedged);
    expect(sum(ATTRIBUTION_TERMS.map((term) => Decimal.parse(report?.terms[term] ?? '0'))).toString()).toBe(
      report?.total,
    );
    // The first mark of the call, against the price it came in at, is what the new trade brought.
    expect(report?.byDay[0]).toMatchObject({ day: '2026-01-02', underlying: 'BTC', total: report?.total });
  });

  it('counts the payoff of what came and settled between two snapshots as settlement', () => {
    const { step, trade, events } = story('USD', 'nothing');
    step({ spot: 90000 });
    trade(PERP, '1', '90000', 'f-1');
    step({ spot: 90000 });
    const [taken] = snapshotsOf(events());
    if (taken === undefined) throw new Error('a snapshot was taken');
    const first = { ...taken, legs: [], balances: [], pnl: { ...taken.pnl, hedged: '0' } };
    const contracts = builtInContracts;
    const book = { book: 'b', instrument: CALL, at: at(1) };
    const activity = noActivity();
    const context = { contracts, before: first, referenceOf: () => undefined };
    const came = { quantity: '2', price: '0.04', positionAfter: '2', index: 0 };
    noteActivity(
      activity,
      { type: 'PositionAdopted', payload: { ...book, ...came, cash: coin('-0.08') } },
      context,
    );
    const paid = {
      quantity: '2',
      deliveryPrice: '95000',
      payoff: '0.05',
      cash: coin('0.1'),
      fee: coin('-0.0003'),
    };
    noteActivity(activity, { type: 'OptionSettled', payload: { ...book, ...paid } }, context);
    const after = {
      ...first,
      balances: [{ currency: 'BTC', amount: '0.0197', value: 1773, delta: 0.0197 }],
      pnl: { ...first.pnl, hedged: '1773' },
    };
    const [part] = attributePnl(first, after, activity, contracts);
    expect(part?.terms.settlement.toString()).toBe('9000');
    expect(part?.terms.newTrades.toString()).toBe('-7200');
    expect(part?.terms.fees.toString()).toBe('-27');
    expect(part?.terms.residual.toString()).toBe('0');
  });

  it('goes on after a restart, at any snapshot, as if there had been none', () => {
    const { step, trade, fund, events } = story('USD', 'call');
    step({ spot: 90000, volatility: 0.45 });
    trade(PERP, '1.5', '90001', 'f-1');
    step({ spot: 91000 });
    fund(PERP);
    trade(PERP, '-0.5', '90990', 'f-2');
    step({ spot: 90500, volatility: 0.44 });
    step({ spot: 89000, volatility: 0.5 });
    const [opened, ...said] = events();
    if (opened?.type !== 'BookOpened') throw new Error('a book was opened');
    const contracts = contractsOfBook(opened.payload);
    const fresh = (): ExplainedBook => new ExplainedBook('b', 'USD', contracts);
    const days = (book: ExplainedBook, own: readonly DomainEvent[]): readonly ExplainedDay[] =>
      own.reduce<readonly ExplainedDay[]>((last, event) => {
        if (event.type === 'RiskSnapshotTaken') return book.explain(event.payload);
        book.note(event);
        return last;
      }, []);
    const whole = explainedPnl(days(fresh(), said));
    expect(whole).not.toEqual([]);
    for (let cut = 1; cut < said.length; cut += 1) {
      const before = said.slice(0, cut);
      const last = before.map(({ type }) => type).lastIndexOf('RiskSnapshotTaken');
      const snapshot = before[last];
      const second = fresh();
      if (snapshot?.type === 'RiskSnapshotTaken')
        second.resume(snapshot.payload, days(fresh(), before.slice(0, last + 1)));
      for (const event of before.slice(last + 1)) second.note(event);
      expect(explainedPnl(days(second, said.slice(cut)))).toEqual(
        said.slice(cut).some(({ type }) => type === 'RiskSnapshotTaken') ? whole : [],
      );
    }
  });

  it('tells slippage from the newest orders’ prices, and holds no more of them', () => {
    const { step, trade, events } = story('USD', 'nothing');
    step({ spot: 90000 });
    trade(PERP, '1', '90010', 'f-1');
    step({ spot: 90000 });
    const [opened, ...said] = events();
    if (opened?.type !== 'BookOpened') throw new Error('a book was opened');
    const fill = said.find((event) => event.type === 'FillApplied');
    if (fill?.type !== 'FillApplied') throw new Error('a trade was done');
    const slippage = (ordersAfter: number): string | undefined => {
      const book = new ExplainedBook('b', 'USD', contractsOfBook(opened.payload));
      book.noteOrder(fill.payload.clientOrderId, 90000);
      for (let order = 0; order < ordersAfter; order += 1) book.noteOrder(`later-${order}`, 1);
      let last: readonly ExplainedDay[] = [];
      for (const event of said)
        if (event.type === 'RiskSnapshotTaken') last = book.explain(event.payload);
        else book.note(event);
      const [{ terms } = {}] = explainedPnl(last);
      return Decimal.parse(terms?.slippage ?? '0')
        .plus(Decimal.parse(terms?.impact ?? '0'))
        .toString();
    };
    expect(slippage(REFERENCES_MAX - 1)).toBe('-10');
    expect(slippage(REFERENCES_MAX)).toBe('0');
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
    expect(runOver(events())[0]?.residualPercentOfGross).toBeLessThan(5);
  });

  it.each([
    ['USD', 0.6, 1.1],
    ['USD', 1.5, 0.45],
    ['BTC', 0.6, 1.1],
    ['BTC', 1.5, 0.45],
  ])(
    'walks a jump beyond what is left of an option’s life in %s, to %d times the price',
    (numeraire, times, volatility) => {
      const { step, attribute } = story(numeraire, 'call');
      step({ spot: 90000, volatility: 0.45 });
      step({ spot: 90000 * times, volatility });
      const own = attribute().at(-1)?.parts[0];
      if (own === undefined) throw new Error('the call is explained');
      expect(sum(ATTRIBUTION_TERMS.map((term) => own.terms[term])).toString()).toBe(own.total.toString());
      expect(own.terms.residual.abs().toNumber() / grossOf(own.terms).toNumber()).toBeLessThan(0.005);
    },
  );
});
