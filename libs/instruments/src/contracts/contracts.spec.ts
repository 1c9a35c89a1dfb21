import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Decimal } from '@evenkeel/kernel';
import { itWithSharedData, sharedDir } from '@evenkeel/testkit';
import fc from 'fast-check';
import { specificationOf } from '../catalogue';
import { deribitDeliveryFee, deribitOptionFee, tradeFee } from './fees';
import { accruedRate, fundingPayment } from './funding';
import { linearMargin, progressiveMarginRate } from './margin-rate';
import { FLAT, applyFill, averageEntryPrice, markedValue, unrealisedPnl } from './position';
import { optionPayoff } from './settlement';
import type { ContractTerms } from './terms';
import { contractTermsOf } from './terms';
import { contractDelta, contractPnl, contractsOfAmount, contractValue } from './value';

const D = Decimal.parse;
const LINEAR: ContractTerms = {
  payoff: 'linear',
  exchange: 'margined',
  contractSize: D('0.01'),
  valueScale: 6,
};
const INVERSE: ContractTerms = {
  payoff: 'inverse',
  exchange: 'margined',
  contractSize: D('10'),
  valueScale: 8,
};
const OPTION: ContractTerms = { payoff: 'premium', exchange: 'paid', contractSize: D('1'), valueScale: 8 };
const SPOT: ContractTerms = { payoff: 'linear', exchange: 'paid', contractSize: D('1'), valueScale: 8 };

interface Case {
  readonly id: string;
  readonly inputs: Readonly<Record<string, number | string>>;
  readonly expected: Readonly<Record<string, number>>;
  readonly tolerance: { readonly absolute?: number; readonly relative?: number };
}

const maybe = itWithSharedData('validation');

function table(name: string): Case[] {
  const path = join(sharedDir() ?? '', 'validation', `${name}.json`);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { cases: Case[] }).cases : []; // the tables' own shape
}

function decimal(value: number | string | undefined): Decimal {
  return D(String(value));
}

function close(actual: Decimal, row: Case, name: string): void {
  const expected = row.expected[name] ?? Number.NaN;
  const bound = row.tolerance.absolute ?? Math.abs(expected) * (row.tolerance.relative ?? 0);
  expect(Math.abs(actual.toNumber() - expected)).toBeLessThanOrEqual(bound + 1e-15);
}

describe('published examples', () => {
  maybe('inverse gains and premium-quoted options (BitMEX)', () => {
    const rows = table('bitmex_inverse_and_options');
    expect(rows).toHaveLength(3);
    for (const row of rows) {
      const quantity = decimal(row.inputs['contracts']);
      const entry = decimal(row.inputs['entry']);
      if (row.inputs['product'] === undefined) {
        const terms = { ...INVERSE, contractSize: D('1') };
        close(contractPnl(terms, quantity, entry, decimal(row.inputs['exit'])), row, 'pnlXbt');
        close(contractValue(terms, quantity, entry).abs(), row, 'positionValueXbtAtEntry');
        continue;
      }
      const { position, cash } = applyFill(OPTION, FLAT, quantity, entry);
      const mark = decimal(row.inputs['mark']);
      close(unrealisedPnl(OPTION, position, mark), row, 'unrealisedPnl');
      if (row.expected['costXbt'] === undefined) continue;
      close(cash.negated(), row, 'costXbt');
      close(markedValue(OPTION, position, mark), row, 'positionMargin');
      const balance = decimal(row.inputs['walletBalance']).plus(cash);
      close(balance, row, 'availableBalance');
      close(balance.plus(markedValue(OPTION, position, mark)), row, 'marginBalance');
    }
  });

  maybe('coin-settled options at delivery (Deribit)', () => {
    const rows = table('deribit_inverse_option_settlement');
    expect(rows).toHaveLength(5);
    for (const row of rows) {
      const terms = {
        ...OPTION,
        strike: decimal(row.inputs['strike']),
        optionType: row.inputs['type'] === 'Call' ? 'call' : 'put',
        coinSettled: true,
      } as const;
      const quantity = decimal(row.inputs['contracts']).times(D(row.inputs['side'] === 'long' ? '1' : '-1'));
      const payoff = optionPayoff(terms, quantity, decimal(row.inputs['deliveryPrice']));
      close(payoff.abs(), row, 'settlementValueBtc');
      close(
        payoff.plus(applyFill(terms, FLAT, quantity, decimal(row.inputs['premiumBtc'])).cash),
        row,
        'profitBtc',
      );
    }
  });

  maybe('option fees with their cap (Deribit)', () => {
    const rows = table('deribit_option_fee');
    expect(rows).toHaveLength(2);
    for (const row of rows) {
      const fee = deribitOptionFee({
        terms: OPTION,
        quantity: decimal(row.inputs['amount']),
        price: decimal(row.inputs['optionPriceCoin']),
        rate: D('0.0003'),
        underlyingPrice: D('1'),
      });
      close(fee, row, 'feeCoin');
      if (row.expected['balanceAfter'] === undefined) continue;
      const bought = applyFill(
        OPTION,
        FLAT,
        decimal(row.inputs['amount']),
        decimal(row.inputs['optionPriceCoin']),
      );
      close(decimal(row.inputs['balanceBefore']).plus(bought.cash).minus(fee), row, 'balanceAfter');
    }
  });

  maybe('margin rates that grow with size (Deribit linear perpetuals)', () => {
    const rows = table('deribit_linear_perpetual_margin');
    expect(rows).toHaveLength(6);
    for (const row of rows) {
      const size = decimal(row.inputs['sizeCoins']);
      const rate = progressiveMarginRate(
        decimal(row.inputs['baseRate']),
        decimal(row.inputs['incrementPerCoin']),
        size,
      );
      const margin = linearMargin(size, decimal(row.inputs['price']), rate);
      close(rate, row, 'rate');
      close(margin.coin, row, 'marginCoin');
      close(margin.quote, row, 'marginUsdc');
    }
  });
});

const quantity = fc
  .integer({ min: -500, max: 500 })
  .filter((value) => value !== 0)
  .map((value) => D(String(value)));
const price = fc.integer({ min: 1, max: 20_000_000 }).map((cents) => Decimal.ofUnits(BigInt(cents), 2));
const fills = fc.array(fc.tuple(quantity, price), { minLength: 1, maxLength: 40 });
const anyTerms = fc.constantFrom(LINEAR, INVERSE, OPTION, SPOT);

describe('the property that rules', () => {
  it('cash plus marked positions equals the sum of cash flows, to the last unit, for every payoff', () => {
    fc.assert(
      fc.property(anyTerms, fills, price, (terms, trades, mark) => {
        let cash = Decimal.ZERO;
        let flows = Decimal.ZERO;
        let position = FLAT;
        for (const [bought, at] of trades) {
          const outcome = applyFill(terms, position, bought, at);
          const fee = tradeFee(terms, bought, at, D('0.0005'));
          cash = cash.plus(outcome.cash).minus(fee);
          flows = flows.minus(contractValue(terms, bought, at)).minus(fee);
          const funding = fundingPayment(terms, outcome.position.quantity, at, D('0.0001'));
          cash = cash.plus(funding);
          flows = flows.plus(funding);
          position = outcome.position;
        }
        // Had everything been closed at the mark: the last cash flow is the value of what is held.
        const closing = position.quantity.isZero()
          ? Decimal.ZERO
          : contractValue(terms, position.quantity, mark);
        expect(cash.plus(markedValue(terms, position, mark)).toString()).toBe(flows.plus(closing).toString());
      }),
      { seed: 1, numRuns: 1000 },
    );
  });

  it('a position that is flat again has realised exactly what was paid and received, however it was closed', () => {
    fc.assert(
      fc.property(anyTerms, fills, (terms, trades) => {
        const net = trades.reduce((total, [bought]) => total.plus(bought), Decimal.ZERO);
        const all = net.isZero() ? trades : [...trades, [net.negated(), D('100')] as const];
        let position = FLAT;
        let realised = Decimal.ZERO;
        let paid = Decimal.ZERO;
        for (const [bought, at] of all) {
          const outcome = applyFill(terms, position, bought, at);
          position = outcome.position;
          realised = realised.plus(outcome.realised);
          paid = paid.plus(contractValue(terms, bought, at));
        }
        expect(position).toEqual(FLAT);
        expect(realised.toString()).toBe(paid.negated().toString());
      }),
      { seed: 2, numRuns: 500 },
    );
  });

  it('an inverse gain is within half a unit of each value of the exact fraction', () => {
    fc.assert(
      fc.property(quantity, price, price, (held, entry, exit) => {
        const gain = contractPnl(INVERSE, held, entry, exit);
        // held × 10 × (1/entry − 1/exit) over the common denominator entry × exit.
        const numerator = held.times(D('10')).times(exit.minus(entry));
        const error = gain.times(entry).times(exit).minus(numerator).abs();
        expect(error.compare(D('0.00000001').times(entry).times(exit))).toBeLessThanOrEqual(0);
      }),
      { seed: 3 },
    );
  });
});

describe('positions', () => {
  it('through zero closes the old side and opens the new one at the fill price', () => {
    const long = applyFill(LINEAR, FLAT, D('300'), D('100')).position;
    const flipped = applyFill(LINEAR, long, D('-500'), D('110'));
    expect(flipped.realised.toString()).toBe('30');
    expect(flipped.position.quantity.toString()).toBe('-200');
    expect(averageEntryPrice(LINEAR, flipped.position, 2)?.toString()).toBe('110');
  });

  it('an inverse average entry price is the harmonic mean', () => {
    const first = applyFill(INVERSE, FLAT, D('100'), D('50000')).position;
    const both = applyFill(INVERSE, first, D('100'), D('100000')).position;
    expect(averageEntryPrice(INVERSE, both, 1)?.toString()).toBe('66666.7');
    expect(contractDelta(INVERSE, both.quantity, D('80000')).toString()).toBe('0.025');
  });

  it('a short inverse position of the dollar value of the coins held locks those dollars', () => {
    const coins = D('2');
    const start = D('50000');
    const short = applyFill(INVERSE, FLAT, D('-10000'), start).position;
    for (const later of ['20000', '50000', '125000']) {
      const dollars = coins.plus(unrealisedPnl(INVERSE, short, D(later))).times(D(later));
      expect(dollars.round(2, 'half-even').toString()).toBe('100000');
    }
  });
});

describe('fees, funding and sizes', () => {
  it('longs pay a positive rate and shorts receive it, on every payoff', () => {
    for (const terms of [LINEAR, INVERSE]) {
      expect(fundingPayment(terms, D('100'), D('50000'), D('0.0001')).isNegative()).toBe(true);
      expect(fundingPayment(terms, D('-100'), D('50000'), D('0.0001')).isPositive()).toBe(true);
    }
    expect(fundingPayment(INVERSE, D('100'), D('50000'), D('0.0001')).toString()).toBe('-0.000002');
    expect(accruedRate(D('0.0008'), 3600n, 28_800n).toString()).toBe('0.0001');
  });

  it('a rebate is not capped, a worthless option is delivered free, a USDC option pays on the index', () => {
    const base = { terms: OPTION, quantity: D('-3'), underlyingPrice: D('1') };
    expect(deribitOptionFee({ ...base, price: D('0.0001'), rate: D('-0.0001') }).toString()).toBe('-0.0003');
    expect(deribitDeliveryFee({ ...base, rate: D('0.00015'), payoff: Decimal.ZERO }).toString()).toBe('0');
    const usdc = { ...base, price: D('500'), rate: D('0.0003'), underlyingPrice: D('90000') };
    expect(deribitOptionFee(usdc).toString()).toBe('81');
  });

  it('sizes are cut to lots, never rounded up', () => {
    expect(contractsOfAmount(INVERSE, D('1239'), D('1')).toString()).toBe('123');
    expect(contractsOfAmount(LINEAR, D('-0.0299'), D('1')).toString()).toBe('-2');
  });

  it('options on an inverse venue are worth premium times size, not one over it', () => {
    for (const [id, payoff, exchange] of [
      ['BTC-23JAN26-96000-C@deribit', 'premium', 'paid'],
      ['BTC-PERPETUAL@deribit', 'inverse', 'margined'],
      ['BTCUSDT-PERP@binance', 'linear', 'margined'],
      ['BTCUSDT@binance', 'linear', 'paid'],
    ] as const) {
      const spec = specificationOf(id);
      if (!spec.ok) throw new Error(spec.failure.message);
      expect(contractTermsOf(spec.value)).toMatchObject({ ok: true, value: { payoff, exchange } });
    }
  });
});
