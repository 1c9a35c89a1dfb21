import type { RiskSnapshotTaken } from '@evenkeel/facts';
import { parseContract } from '@evenkeel/instruments';
import { parseInstant, required } from '@evenkeel/kernel';
import fc from 'fast-check';
import { bookOpened, createScenario, filled, optionMark, priceMark, spotMark } from '../test/scenario';
import { createKernelLegPricer } from './kernel-leg-pricer';
import { createRiskCore } from './risk-core';
import { takeSnapshot } from './snapshot';
import type { RiskState } from './state';

const T0 = '2026-01-02T10:00:00Z';
const T1 = '2026-01-02T13:00:00Z';
const SPOT: Readonly<Record<string, number>> = { BTC: 90000, ETH: 3100 };
const pricer = createKernelLegPricer();

const quantity = (max: number, digits: number) =>
  fc
    .integer({ min: -max * 10 ** digits, max: max * 10 ** digits })
    .filter((units) => units !== 0)
    .map((units) => (units / 10 ** digits).toFixed(digits));

const optionOn = (underlying: string, low: number, high: number) =>
  fc.record({
    coin: fc.constantFrom(underlying, `${underlying}_USDC`),
    expiry: fc.constantFrom('9JAN26', '30JAN26', '27MAR26'),
    strike: fc.integer({ min: low, max: high }).map((step) => step * (underlying === 'BTC' ? 1000 : 50)),
    side: fc.constantFrom('C', 'P'),
    quantity: quantity(5, 1),
    volatility: fc.double({ min: 0.25, max: 1.2, noNaN: true }),
    basis: fc.double({ min: 0.97, max: 1.05, noNaN: true }),
  });

const tradeOn = (instrument: string, trade: fc.Arbitrary<string>, price: number) =>
  fc.record({
    instrument: fc.constant(instrument),
    quantity: trade,
    price: fc.double({ min: 0.9, max: 1.1, noNaN: true }).map((f) => (price * f).toFixed(1)),
  });

const trades = fc.array(
  fc.oneof(
    tradeOn('BTCUSDT-PERP@binance', quantity(3, 3), 90000),
    tradeOn('BTC-PERPETUAL@deribit', quantity(20000, 0), 90000),
    tradeOn('BTC-27MAR26@deribit', quantity(20000, 0), 91000),
    tradeOn('BTCUSDT@binance', quantity(2, 4), 90000),
    tradeOn('ETH-PERPETUAL@deribit', quantity(50000, 0), 3100),
    tradeOn('ETHUSDT-PERP@binance', quantity(50, 3), 3100),
  ),
  { minLength: 1, maxLength: 6 },
);

const sketch = fc.record({
  numeraire: fc.constantFrom('USD', 'BTC', 'ETH'),
  options: fc.uniqueArray(fc.oneof(optionOn('BTC', 70, 110), optionOn('ETH', 48, 76)), {
    minLength: 1,
    maxLength: 6,
    selector: ({ coin, expiry, strike, side }) => `${coin}${expiry}${strike}${side}`,
  }),
  trades,
  moved: fc.double({ min: 0.93, max: 1.07, noNaN: true }),
});

type Sketch = typeof sketch extends fc.Arbitrary<infer T> ? T : never;

/** An account that has traded for a while: premiums, coin fees, realised coin profit, open inverse positions, moved spots. */
function accountOf(drawn: Sketch): RiskState {
  const planned = drawn.options.map(({ coin, expiry, strike, side, quantity: size }) => ({
    instrument: `${coin}-${expiry}-${strike}-${side}@deribit`,
    quantity: size,
    price: coin.includes('_') ? '1500' : '0.02',
    at: T0,
  }));
  const touched = [...new Set(drawn.trades.map(({ instrument }) => instrument))];
  const scenario = createScenario(createRiskCore({ pricer }), 'book');
  scenario.own(
    'b',
    T0,
    bookOpened({
      planned,
      numeraire: drawn.numeraire,
      hedges: touched,
      rules: { maxInterval: 'PT1H', maxPriceAge: 'PT12H' },
    }),
  );
  const quotes = drawn.options.map(({ coin, volatility, basis }, index) => {
    const spot = SPOT[coin.slice(0, 3)] ?? 0;
    return optionMark(
      required(planned[index], 'planned').instrument,
      volatility,
      (spot * basis).toFixed(4),
      T0,
    );
  });
  const marks = touched.map((instrument) =>
    priceMark(instrument, (SPOT[instrument.slice(0, 3)] ?? 0) * 1.0007, T0),
  );
  scenario.instant(T0, {
    marks: [...quotes, ...marks, spotMark('BTC', 90000, T0), spotMark('ETH', 3100, T0)],
  });
  drawn.trades.forEach((trade, index) => {
    const coin = trade.instrument.includes('deribit') ? trade.instrument.slice(0, 3) : 'USDT';
    const fee = { currency: coin, amount: coin === 'USDT' ? '-12.5' : '-0.0003' };
    scenario.commit('b', T0, filled({ ...trade, fillId: `f-${index}`, fee }));
  });
  scenario.instant(T1, {
    marks: [spotMark('BTC', 90000 * drawn.moved, T1), spotMark('ETH', 3100 / drawn.moved, T1)],
  });
  return scenario.state();
}

interface Bump {
  readonly underlying?: string;
  /** Factor on spot, and with the basis held on every contract price of the underlying. */
  readonly spot?: number;
  readonly volatility?: number;
  readonly seconds?: number;
}

function bumped(
  state: RiskState,
  { underlying, spot = 1, volatility = 0, seconds = 0 }: Bump,
): RiskSnapshotTaken {
  // Plain data by contract.
  const copy = JSON.parse(JSON.stringify(state)) as RiskState;
  const book = required(copy.books['b'], 'the book');
  const known = underlying === undefined ? undefined : copy.spots[underlying];
  if (underlying !== undefined && known !== undefined) {
    const price = known.price * spot;
    copy.spots[underlying] = { ...known, price, mark: { ...known.mark, price: String(price) } };
    for (const [instrument, mark] of Object.entries(copy.marks)) {
      const terms = parseContract(required(book.specifications[instrument], instrument));
      if (terms.underlying !== underlying) continue;
      if (terms.kind !== 'option') copy.marks[instrument] = { ...mark, price: mark.price * spot };
      else
        copy.marks[instrument] = {
          ...mark,
          mark: { ...mark.mark, volatility: (mark.mark.volatility ?? 0) + volatility },
        };
    }
  }
  const now = parseInstant(T1) + BigInt(Math.round(seconds * 1e9));
  return required(takeSnapshot(copy, book, now, 'interval', { pricer, rate: 0 }), 'a snapshot');
}

/** The whole account in the numeraire, from the record: legs and balances, nothing else. */
function accountValue(snapshot: RiskSnapshotTaken): number {
  let value = 0;
  for (const leg of snapshot.legs) value += leg.value;
  for (const balance of snapshot.balances) value += balance.value;
  return value;
}

function exposureIn(snapshot: RiskSnapshotTaken, underlying: string) {
  return required(
    snapshot.exposures.find((exposure) => exposure.underlying === underlying),
    underlying,
  );
}

function close(actual: number, expected: number, scale: number, tolerance: number): void {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(tolerance * Math.max(scale, Math.abs(expected)));
}

describe('reported Greeks are finite differences of the whole account revalued', () => {
  const runs = { numRuns: 60, seed: 20260102, endOnFailure: true };
  const relative = 1e-4;

  it('delta and its parts, in any numeraire', () => {
    fc.assert(
      fc.property(sketch, (drawn) => {
        const state = accountOf(drawn);
        const base = bumped(state, {});
        for (const { underlying, delta, spot, optionDelta, balanceDelta, hedgeDelta } of base.exposures) {
          const up = accountValue(bumped(state, { underlying, spot: 1 + relative }));
          const down = accountValue(bumped(state, { underlying, spot: 1 - relative }));
          // Change of the account per unit relative move, over the price of one unit.
          close(delta, (up - down) / (2 * relative) / spot, 1, 2e-6);
          close(optionDelta + balanceDelta + hedgeDelta, delta, 1, 1e-12);
        }
      }),
      runs,
    );
  });

  it('gamma and vanna: how delta itself moves', () => {
    fc.assert(
      fc.property(sketch, (drawn) => {
        const state = accountOf(drawn);
        const base = bumped(state, {});
        for (const { underlying, gamma, vanna } of base.exposures) {
          const spotUsd = required(state.spots[underlying], underlying).price;
          const delta = (bump: Bump): number =>
            exposureIn(bumped(state, { underlying, ...bump }), underlying).delta;
          const perDollar =
            (delta({ spot: 1 + relative }) - delta({ spot: 1 - relative })) / (2 * relative * spotUsd);
          close(gamma * spotUsd, perDollar * spotUsd, 1, 1e-4);
          close(vanna, (delta({ volatility: 1e-4 }) - delta({ volatility: -1e-4 })) / 2e-4, 1, 1e-4);
        }
      }),
      runs,
    );
  });

  it('vega, volga and theta', () => {
    fc.assert(
      fc.property(sketch, (drawn) => {
        const state = accountOf(drawn);
        const base = bumped(state, {});
        const scale = Math.abs(accountValue(base)) + 1;
        let theta = 0;
        for (const exposure of base.exposures) {
          const { underlying } = exposure;
          theta += exposure.theta;
          const value = (volatility: number): number =>
            accountValue(bumped(state, { underlying, volatility }));
          close(exposure.vega, (value(1e-4) - value(-1e-4)) / 2e-4, scale, 1e-6);
          const vega = (volatility: number): number =>
            exposureIn(bumped(state, { underlying, volatility }), underlying).vega;
          close(exposure.volga, (vega(1e-4) - vega(-1e-4)) / 2e-4, scale, 1e-5);
        }
        const minute = 60;
        const years = (2 * minute) / (365 * 86400);
        const slope =
          (accountValue(bumped(state, { seconds: minute })) -
            accountValue(bumped(state, { seconds: -minute }))) /
          years;
        close(theta, slope, scale, 1e-5);
      }),
      runs,
    );
  });

  it('and equity on the record is the sum of the P&L lines and of the account', () => {
    fc.assert(
      fc.property(sketch, (drawn) => {
        const snapshot = bumped(accountOf(drawn), {});
        expect(snapshot.unpriced).toEqual([]);
        const value = accountValue(snapshot);
        expect(Math.abs(Number(snapshot.equity) - value)).toBeLessThanOrEqual(1e-7 + 1e-12 * Math.abs(value));
      }),
      runs,
    );
  });
});
