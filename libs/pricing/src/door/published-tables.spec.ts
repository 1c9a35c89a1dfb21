import { itWithSharedData } from '@evenkeel/testkit';
import { tableCases } from '../../test/black-tables';
import type { Black76Inputs } from './black76';
import type { EuropeanInputs } from './european';
import { fxDelta } from './fx-delta';
import type { FxDeltaInputs } from './fx-delta';
import { impliedVolatility } from './implied-volatility';
import { priceBlack76 } from './black76';
import { priceEuropean } from './european';
import { priceInverse } from './inverse';
import type { Valuation } from './valuation';

const it = itWithSharedData('validation');

type Letter = 'Call' | 'Put';
const lower = (type: Letter): 'call' | 'put' => (type === 'Call' ? 'call' : 'put');

/** Cases outside their tolerance, each as a readable line. */
function misses(lines: readonly { id: string; got: number; want: number; within: number }[]): string[] {
  return lines
    .filter(({ got, want, within }) => !(Math.abs(got - want) <= within))
    .map(({ id, got, want, within }) => `${id}: ${got}, not ${want} within ${within}`);
}

describe('European options', () => {
  it('reproduce Haug’s values', () => {
    const cases = tableCases<EuropeanInputs>('ql_european_haug_values');
    expect(cases.length).toBe(43);
    const lines = cases.map(({ id, inputs, expected, tolerance }) => ({
      id,
      got: priceEuropean(inputs).value,
      want: expected['value'] as number,
      within: tolerance,
    }));
    expect(misses(lines)).toEqual([]);
  });

  it('reproduce Haug’s Greeks', () => {
    const cases = tableCases<EuropeanInputs>('ql_european_haug_greeks');
    expect(cases.length).toBe(11);
    const lines = cases.flatMap(({ id, inputs, expected, tolerance }) => {
      const valuation = priceEuropean(inputs);
      const derived: Record<string, number> = {
        ...valuation,
        elasticity: (valuation.delta * inputs.S) / valuation.value,
        thetaPerDay: valuation.theta / 365,
      };
      return Object.entries(expected).map(([name, want]) => ({
        id: `${id} ${name}`,
        got: derived[name] as number,
        want,
        within: tolerance,
      }));
    });
    expect(misses(lines)).toEqual([]);
  });

  it('reproduce Strata’s prices with cost of carry', () => {
    interface Inputs {
      readonly type: Letter;
      readonly spot: number;
      readonly strike: number;
      readonly timeToExpiry: number;
      readonly vol: number;
      readonly rate: number;
      readonly dividendYield: number;
    }
    const cases = tableCases<Inputs, { relative: number }>('strata_black_scholes_carry_prices');
    expect(cases.length).toBe(441);
    const lines = cases.map(({ id, inputs, expected, tolerance }) => ({
      id,
      got: priceEuropean({
        type: lower(inputs.type),
        S: inputs.spot,
        K: inputs.strike,
        T: inputs.timeToExpiry,
        sigma: inputs.vol,
        r: inputs.rate,
        q: inputs.dividendYield,
      }).value,
      want: expected['price'] as number,
      within: tolerance.relative * Math.abs(expected['price'] as number),
    }));
    expect(misses(lines)).toEqual([]);
  });

  it('reproduce the European engines of the QuantLib example', () => {
    const cases = tableCases<EuropeanInputs & { engine: string }>('ql_equity_option_example_run');
    // Other engines of the table are American, have stochastic rates or a variance of their own.
    const engines = [
      'Black-Scholes European',
      'FD European',
      'Binomial JR European',
      'Binomial CRR European',
    ];
    const european = cases.filter(({ inputs }) => engines.includes(inputs.engine));
    expect(european.length).toBe(engines.length);
    const lines = european.map(({ id, inputs, expected, tolerance }) => ({
      id,
      got: priceEuropean(inputs).value,
      want: expected['value'] as number,
      within: tolerance,
    }));
    expect(misses(lines)).toEqual([]);
  });

  it('take Hull’s cash dividends out of the spot', () => {
    const [example] = tableCases<EuropeanInputs>('ql_dividend_hull');
    if (example === undefined) throw new Error('the table has a case');
    const { value } = priceEuropean(example.inputs);
    expect(Math.abs(value - (example.expected['value'] as number))).toBeLessThanOrEqual(example.tolerance);
    expect(value).toBeCloseTo(3.671233209047678, 12);
  });
});

describe('options on forwards', () => {
  it('reproduce QuantLib’s Black values', () => {
    const cases = tableCases<Black76Inputs>('ql_black76_values');
    expect(cases.length).toBe(8);
    const lines = cases.map(({ id, inputs, expected, tolerance }) => ({
      id,
      got: priceBlack76(inputs).value,
      want: expected['value'] as number,
      within: tolerance,
    }));
    expect(misses(lines)).toEqual([]);
  });

  it('reproduce QuantLib’s calculator, spot and forward Greeks', () => {
    interface Inputs extends EuropeanInputs {
      readonly F: number;
      readonly discount: number;
      readonly sigma: number;
    }
    const [example] = tableCases<Inputs>('ql_black_calculator_greeks');
    if (example === undefined) throw new Error('the table has a case');
    const { inputs, expected, tolerance, id } = example;
    const spot = priceEuropean(inputs);
    const { type, F, K, T, sigma, discount } = inputs;
    const forward = priceBlack76({ type, F, K, T, sigma, discount });
    const got: Record<string, number> = {
      Delta: spot.delta,
      DeltaFwd: forward.delta,
      Gamma: spot.gamma,
      GammaFwd: forward.gamma,
      Theta: spot.theta,
      Vega: spot.vega,
      Rho: spot.rho,
      Elasticity: (spot.delta * inputs.S) / spot.value,
      ElasticityFwd: (forward.delta * F) / forward.value,
      ItmCashProb: -spot.dualDelta / discount,
      ItmAssetProb: forward.delta / discount,
      DividendRho: spot.dividendRho,
      StrikeSensitivity: spot.dualDelta,
      StrikeGamma: spot.dualGamma,
      Vanna: spot.vanna,
      Volga: spot.volga,
    };
    expect(Object.keys(got).sort()).toEqual(Object.keys(expected).sort());
    const lines = Object.entries(expected).map(([name, want]) => ({
      id: `${id} ${name}`,
      got: got[name] as number,
      want,
      within: tolerance,
    }));
    expect(misses(lines)).toEqual([]);
  });

  it('reproduce Strata’s prices and give their volatilities back', () => {
    interface Inputs {
      readonly type: Letter;
      readonly forward: number;
      readonly strike: number;
      readonly timeToExpiry: number;
      readonly vol: number;
    }
    const cases = tableCases<Inputs, { relative: number; impliedVolAbsolute: number }>(
      'strata_black_forward_prices',
    );
    expect(cases.length).toBe(63);
    const lines = cases.flatMap(({ id, inputs, expected, tolerance }) => {
      const terms = { type: lower(inputs.type), F: inputs.forward, K: inputs.strike, T: inputs.timeToExpiry };
      const price = expected['undiscountedPrice'] as number;
      return [
        {
          id,
          got: priceBlack76({ ...terms, sigma: inputs.vol }).value,
          want: price,
          within: tolerance.relative * price,
        },
        {
          id: `${id} vol`,
          got: impliedVolatility('black76', { ...terms, price }),
          want: expected['impliedVol'] as number,
          within: tolerance.impliedVolAbsolute,
        },
      ];
    });
    expect(misses(lines)).toEqual([]);
  });

  it('imply Jäckel’s volatilities over his whole range, prices down to 1e-280', () => {
    interface Inputs {
      readonly forward: number;
      readonly strike: number;
      readonly timeToExpiry: number;
      readonly type: Letter;
      readonly undiscountedPrice: number;
    }
    const cases = tableCases<Inputs, { relative: number }>('jaeckel_lets_be_rational_grid');
    expect(cases.length).toBe(1146);
    const lines = cases.map(({ id, inputs, expected, tolerance }) => ({
      id,
      got: impliedVolatility('black76', {
        type: lower(inputs.type),
        F: inputs.forward,
        K: inputs.strike,
        T: inputs.timeToExpiry,
        price: inputs.undiscountedPrice,
      }),
      want: expected['impliedVol'] as number,
      within: tolerance.relative * (expected['impliedVol'] as number),
    }));
    expect(misses(lines)).toEqual([]);
  });

  it('state currency deltas under every convention', () => {
    const cases = tableCases<FxDeltaInputs>('ql_fx_delta_conventions');
    expect(cases.length).toBe(14);
    const lines = cases.map(({ id, inputs, expected, tolerance }) => ({
      id,
      got: fxDelta(inputs),
      want: expected['delta'] as number,
      within: tolerance,
    }));
    expect(misses(lines)).toEqual([]);
  });
});

describe('coin-settled options', () => {
  it('reproduce 326 of Deribit’s marks and Greeks', () => {
    interface Inputs {
      readonly type: Letter;
      readonly underlyingPrice: number;
      readonly strike: number;
      readonly timeToExpiry: number;
      readonly markIv: number;
    }
    type Tolerance = Readonly<Record<string, { absolute: number; orRelative?: number }>>;
    const cases = tableCases<Inputs, Tolerance>('deribit_chain_btc_2020_05_21');
    expect(cases.length).toBe(326);
    const lines = cases.flatMap(({ id, inputs, expected, tolerance }) => {
      const option: Valuation & { valueCoin: number } = priceInverse({
        type: lower(inputs.type),
        F: inputs.underlyingPrice,
        K: inputs.strike,
        T: inputs.timeToExpiry,
        sigma: inputs.markIv,
      });
      // The exchange shows theta per day, scaled down on the last day and never more than the option is worth.
      const days = inputs.timeToExpiry * 365;
      const daily = (Math.abs(option.theta as number) / 365) * Math.min(1, days);
      const got: Record<string, number> = {
        markPrice: option.valueCoin,
        delta: option.delta as number,
        gamma: option.gamma as number,
        vega: (option.vega as number) / 100,
        theta: -Math.min(daily, option.value),
        rho: (option.rho as number) / 100,
      };
      return Object.entries(expected).map(([name, want]) => {
        const { absolute, orRelative = 0 } = tolerance[name] ?? { absolute: 0 };
        return {
          id: `${id} ${name}`,
          got: got[name] as number,
          want,
          within: Math.max(absolute, orRelative * Math.abs(want)),
        };
      });
    });
    expect(lines.length).toBe(326 * 6);
    expect(misses(lines)).toEqual([]);
  });

  it('settle at expiry as Deribit’s worked examples do', () => {
    interface Inputs {
      readonly type: Letter;
      readonly strike: number;
      readonly premiumBtc: number;
      readonly deliveryPrice: number;
      readonly side: 'long' | 'short';
      readonly contracts: number;
    }
    const cases = tableCases<Inputs, { absolute: number }>('deribit_inverse_option_settlement');
    expect(cases.length).toBe(5);
    const lines = cases.flatMap(({ id, inputs, expected, tolerance }) => {
      const { valueCoin } = priceInverse({
        type: lower(inputs.type),
        F: inputs.deliveryPrice,
        K: inputs.strike,
        T: 0,
        sigma: 0.5,
      });
      const side = inputs.side === 'long' ? 1 : -1;
      return [
        { id, got: valueCoin, want: expected['settlementValueBtc'] as number, within: tolerance.absolute },
        {
          id: `${id} profit`,
          got: side * (valueCoin - inputs.premiumBtc) * inputs.contracts,
          want: expected['profitBtc'] as number,
          within: tolerance.absolute,
        },
      ];
    });
    // In 003 and 004 the printed settlement of a worthless option is 0 and the premium is kept.
    expect(misses(lines)).toEqual([]);
  });

  it('have the net transaction delta Deribit defines: delta less mark price', () => {
    interface Position {
      readonly bsDelta: number;
      readonly markPriceBtc: number;
      readonly size: number;
    }
    const cases = tableCases<{ positions: readonly Position[] }, { absolute: number }>(
      'deribit_net_transaction_delta',
    );
    expect(cases.length).toBe(2);
    for (const { inputs, expected, tolerance } of cases) {
      const total = inputs.positions.reduce(
        (sum, { bsDelta, markPriceBtc, size }) => sum + size * (bsDelta - markPriceBtc),
        0,
      );
      expect(Math.abs(total - (expected['deltaTotal'] as number))).toBeLessThanOrEqual(tolerance.absolute);
    }
    for (const K of [1e-6, 40_000, 90_000, 95_000, 150_000, 4e6]) {
      for (const type of ['call', 'put'] as const) {
        const option = priceInverse({ type, F: 95_000, K, T: 0.1, sigma: 0.6 });
        expect(option.netTransactionDelta).toBeCloseTo(option.delta - option.valueCoin, 13);
      }
    }
    // The worked zero-strike call: a mark of one coin, a delta of one, nothing to hedge.
    const zeroStrike = priceInverse({ type: 'call', F: 95_000, K: 1e-9, T: 0.1, sigma: 0.6 });
    expect(zeroStrike.netTransactionDelta).toBeLessThan(1e-13);
  });

  it('profit as BitMEX’s options do', () => {
    interface Inputs {
      readonly product?: string;
      readonly contracts: number;
      readonly entry: number;
      readonly mark?: number;
    }
    const cases = tableCases<Inputs, { absolute: number }>('bitmex_inverse_and_options');
    // The two UPs and DOWNs cases are options marked in coin; the first case is a perpetual, which is no option.
    const options = cases.filter(({ inputs }) => inputs.product !== undefined);
    expect(options.length).toBe(2);
    for (const { inputs, expected, tolerance } of options) {
      const { contracts, entry, mark = NaN } = inputs;
      const type = inputs.product === 'DOWNs' ? 'put' : 'call';
      // A price in coin implies a volatility at which the model's coin value is that price again.
      const terms = { type, F: 10_000, K: type === 'call' ? 10_500 : 9_500, T: 7 / 365 } as const;
      const worth = (price: number): number =>
        priceInverse({ ...terms, sigma: impliedVolatility('inverse', { ...terms, price }) }).valueCoin;
      const pnl = contracts * (worth(mark) - worth(entry));
      expect(Math.abs(pnl - (expected['unrealisedPnl'] as number))).toBeLessThanOrEqual(tolerance.absolute);
    }
  });
});
