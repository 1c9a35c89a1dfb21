import type { Exposure, RiskSnapshotTaken } from '@evenkeel/facts';
import { contractValueNumber, isDollar, notionalUsdNumber, parseContract } from '@evenkeel/instruments';
import { DAYS_PER_YEAR, parseInstant, required, yearsBetween } from '@evenkeel/kernel';
import { priceBlack76 } from '@evenkeel/pricing';
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

/** A trade, with its fee, as it was made. */
interface Made {
  readonly instrument: string;
  readonly quantity: string;
  readonly price: string;
  readonly fee?: { readonly currency: string; readonly amount: string };
}

interface Account {
  readonly state: RiskState;
  readonly trades: readonly Made[];
  readonly numeraire: string;
}

/** An account that has traded for a while: premiums, coin fees, realised coin profit, open inverse positions, moved spots. */
function accountOf(drawn: Sketch): Account {
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
  const made: Made[] = [...planned];
  drawn.trades.forEach((trade, index) => {
    const coin = trade.instrument.includes('deribit') ? trade.instrument.slice(0, 3) : 'USDT';
    const fee = { currency: coin, amount: coin === 'USDT' ? '-12.5' : '-0.0003' };
    made.push({ ...trade, fee });
    scenario.commit('b', T0, filled({ ...trade, fillId: `f-${index}`, fee }));
  });
  scenario.instant(T1, {
    marks: [spotMark('BTC', 90000 * drawn.moved, T1), spotMark('ETH', 3100 / drawn.moved, T1)],
  });
  return { state: scenario.state(), trades: made, numeraire: drawn.numeraire };
}

interface Bump {
  readonly underlying?: string;
  /** Factor on spot, and with the basis held on every forward and contract price of the underlying. */
  readonly spot?: number;
  readonly volatility?: number;
  readonly seconds?: number;
}

/**
 * The whole account in its numeraire from nothing but what was traded: everything that ever changed hands, and what is open
 * worth its price. Knows no position, no balance and no Greek of the risk core.
 */
function revalued({ state, trades, numeraire }: Account, bump: Bump = {}): number {
  const { underlying, spot = 1, volatility = 0, seconds = 0 } = bump;
  const book = required(state.books['b'], 'the book');
  const factor = (name: string): number => (name === underlying ? spot : 1);
  const dollars = (currency: string): number =>
    isDollar(currency) ? 1 : required(state.spots[currency], currency).price * factor(currency);
  const now = parseInstant(T1) + BigInt(Math.round(seconds * 1e9));
  const held = new Map<string, number>();
  let total = 0;
  for (const { instrument, quantity, price, fee } of trades) {
    const contract = parseContract(required(book.specifications[instrument], instrument));
    held.set(instrument, (held.get(instrument) ?? 0) + Number(quantity));
    total -= contractValueNumber(contract, Number(quantity), Number(price)) * dollars(contract.settlement);
    if (fee !== undefined) total += Number(fee.amount) * dollars(fee.currency);
  }
  for (const [instrument, contracts] of held) {
    const contract = parseContract(required(book.specifications[instrument], instrument));
    const mark = required(state.marks[instrument], instrument);
    const coin = dollars(contract.underlying);
    let price = mark.price * factor(contract.underlying);
    if (contract.kind === 'option') {
      const forward = (mark.forward / mark.spotThen) * coin;
      const { value } = priceBlack76({
        type: contract.optionType ?? 'call',
        F: forward,
        K: contract.strikeNumber,
        T: yearsBetween(now, required(contract.expiry, instrument)),
        sigma: (mark.mark.volatility ?? 0) + (contract.underlying === underlying ? volatility : 0),
        r: 0,
      });
      price = contract.coinSettled ? value / forward : value;
    }
    total += contractValueNumber(contract, contracts, price) * dollars(contract.settlement);
  }
  return total / dollars(numeraire);
}

/** Half widths of the differences: relative for spot, per 1.00 for volatility, seconds for time. */
const WIDTH = { spot: 1e-3, volatility: 1e-3, seconds: 60 };

type Greeks = Pick<Exposure, 'delta' | 'gamma' | 'vega' | 'theta' | 'vanna' | 'volga'>;

/** The conventions of ARCHITECTURE §7 as differences of the account: delta S_n·∂A/∂S in units of the underlying, gamma and vanna how it moves. */
function differences(account: Account, underlying: string): Greeks {
  const spotUsd = required(account.state.spots[underlying], underlying).price;
  const numeraireUsd = isDollar(account.numeraire)
    ? 1
    : required(account.state.spots[account.numeraire], account.numeraire).price;
  const at = (bump: Bump): number => revalued(account, { underlying, ...bump });
  const delta = (spot: number, volatility = 0): number => {
    const [up, down] = [spot * (1 + WIDTH.spot), spot * (1 - WIDTH.spot)];
    const slope =
      (at({ spot: up, volatility }) - at({ spot: down, volatility })) / (2 * WIDTH.spot * spot * spotUsd);
    // The numeraire itself is what moves where the book is kept in it.
    return slope * numeraireUsd * (underlying === account.numeraire ? spot : 1);
  };
  const { volatility: v, seconds } = WIDTH;
  const years = (2 * seconds) / (DAYS_PER_YEAR * 86_400);
  return {
    delta: delta(1),
    gamma: (delta(1 + WIDTH.spot) - delta(1 - WIDTH.spot)) / (2 * WIDTH.spot * spotUsd),
    vanna: (delta(1, v) - delta(1, -v)) / (2 * v),
    vega: (at({ volatility: v }) - at({ volatility: -v })) / (2 * v),
    volga: (at({ volatility: v }) - 2 * at({}) + at({ volatility: -v })) / (v * v),
    // Of every underlying at once: time passes for all of them.
    theta: (revalued(account, { seconds }) - revalued(account, { seconds: -seconds })) / years,
  };
}

function snapshotOf({ state }: Account): RiskSnapshotTaken {
  const book = required(state.books['b'], 'the book');
  return required(takeSnapshot(state, book, parseInstant(T1), 'interval', { pricer, rate: 0 }), 'a snapshot');
}

/** How far two Greeks may lie apart: the error of the differences, which grows with what the account holds and how curved it is. */
function close(name: string, actual: number, expected: number, scale: number): void {
  const apart = Math.abs(actual - expected);
  if (!(apart <= 2e-4 * scale + 2e-4 * Math.abs(expected)))
    throw new Error(`${name} is reported as ${actual}, the account says ${expected}`);
}

function holds(account: Account, exposures: readonly Exposure[]): void {
  const size = 1 + account.trades.reduce((most, trade) => Math.max(most, gross(account, trade)), 0);
  const sizeInNumeraire = size / (isDollar(account.numeraire) ? 1 : (SPOT[account.numeraire] ?? 1));
  let theta = 0;
  for (const exposure of exposures) {
    const { underlying } = exposure;
    const spotUsd = required(account.state.spots[underlying], underlying).price;
    const expected = differences(account, underlying);
    close(`delta of ${underlying}`, exposure.delta, expected.delta, size / spotUsd);
    close(`gamma of ${underlying}`, exposure.gamma * spotUsd, expected.gamma * spotUsd, (size / spotUsd) * 5);
    close(`vanna of ${underlying}`, exposure.vanna, expected.vanna, (size / spotUsd) * 5);
    close(`vega of ${underlying}`, exposure.vega, expected.vega, sizeInNumeraire);
    close(`volga of ${underlying}`, exposure.volga, expected.volga, sizeInNumeraire * 5);
    theta += exposure.theta;
    if (exposure === exposures.at(-1)) close('theta', theta, expected.theta, sizeInNumeraire);
  }
}

/** USD that a trade stood for. */
function gross({ state }: Account, { instrument, quantity, price }: Made): number {
  const contract = parseContract(
    required(required(state.books['b'], 'b').specifications[instrument], instrument),
  );
  const underlyingUsd = required(state.spots[contract.underlying], instrument).price;
  return Math.abs(Number(quantity)) * notionalUsdNumber(contract, { price: Number(price), underlyingUsd });
}

describe('reported Greeks are finite differences of the whole account revalued', () => {
  const runs = { numRuns: 60, seed: 20260102, endOnFailure: true };

  it('in any numeraire, with coin balances and profit not yet settled', () => {
    fc.assert(
      fc.property(sketch, (drawn) => {
        const account = accountOf(drawn);
        const snapshot = snapshotOf(account);
        expect(snapshot.unpriced).toEqual([]);
        holds(account, snapshot.exposures);
        for (const { delta, optionDelta, balanceDelta, hedgeDelta } of snapshot.exposures)
          expect(Math.abs(optionDelta + balanceDelta + hedgeDelta - delta)).toBeLessThanOrEqual(
            1e-12 * (1 + Math.abs(delta)),
          );
      }),
      runs,
    );
  });

  it('and so is what one contract more would bring', () => {
    fc.assert(
      fc.property(sketch, fc.nat(), (drawn, which) => {
        const account = accountOf(drawn);
        const { legs, exposures } = snapshotOf(account);
        const leg = required(legs[which % legs.length], 'a leg');
        const per = required(leg.perContract, 'what one contract brings');
        const contract = parseContract(
          required(required(account.state.books['b'], 'b').specifications[leg.instrument], leg.instrument),
        );
        const paid = contract.kind === 'option' ? leg.unitValue / contract.sizeNumber : leg.forward;
        const more = { instrument: leg.instrument, quantity: '1', price: String(paid) };
        const bought: Account = { ...account, trades: [...account.trades, more] };
        const after = exposures.map((exposure) => {
          if (exposure.underlying !== leg.underlying) return exposure;
          const added = { ...exposure };
          for (const name of ['delta', 'gamma', 'vega', 'theta', 'vanna'] as const) added[name] += per[name];
          // Not among them: taken from the account itself.
          return { ...added, volga: differences(bought, leg.underlying).volga };
        });
        holds(bought, after);
      }),
      runs,
    );
  });

  it('and equity on the record is what the account is worth', () => {
    fc.assert(
      fc.property(sketch, (drawn) => {
        const account = accountOf(drawn);
        const { equity, legs, balances } = snapshotOf(account);
        let value = 0;
        for (const leg of legs) value += leg.value;
        for (const balance of balances) value += balance.value;
        const worth = revalued(account);
        // Eight digits of each coin amount, at what the dearest coin is worth.
        const slack = (1e-8 * account.trades.length + 1e-12) * 1e5 + 1e-9 * Math.abs(worth);
        expect(Math.abs(Number(equity) - value)).toBeLessThanOrEqual(1e-7 + 1e-12 * Math.abs(value));
        expect(Math.abs(Number(equity) - worth)).toBeLessThanOrEqual(slack);
      }),
      runs,
    );
  });

  const defects: [string, (exposure: Exposure) => Exposure][] = [
    ['coin balances left out', (one) => ({ ...one, delta: one.delta - one.balanceDelta })],
    ['delta a hundredth too large', (one) => ({ ...one, delta: one.delta * 1.01 })],
    ['gamma without a sign', (one) => ({ ...one, gamma: Math.abs(one.gamma) })],
    ['vega per point', (one) => ({ ...one, vega: one.vega / 100 })],
    ['theta per day', (one) => ({ ...one, theta: one.theta / DAYS_PER_YEAR })],
    ['vanna left out', (one) => ({ ...one, vanna: 0 })],
    ['volga doubled', (one) => ({ ...one, volga: one.volga * 2 })],
  ];

  it.each(defects)('is seen to fail on %s', (_, planted) => {
    const { errorInstance } = fc.check(
      fc.property(sketch, (drawn) => {
        const account = accountOf(drawn);
        holds(account, snapshotOf(account).exposures.map(planted));
      }),
      { ...runs, numRuns: 20 },
    );
    expect(String(errorInstance)).toContain('the account says');
  });
});
