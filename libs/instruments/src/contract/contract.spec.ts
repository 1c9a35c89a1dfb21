import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalJson, Decimal } from '@evenkeel/kernel';
import { itWithSharedData, sharedDir } from '@evenkeel/testkit';
import fc from 'fast-check';
import { catalogued } from '../../test/catalogued';
import { markedValue } from '../../test/marked-value';
import { FLAT, applyFill, unrealisedPnl } from '../position/position';
import type { Contract } from './contract';
import { parseContract } from './contract';
import { isDollar } from './currency';
import { tradeFee } from './fees';
import { fundingPayment } from './funding';
import { notionalUsd, notionalUsdNumber } from './notional';
import { optionPayoff } from './settlement';
import { contractValue, contractValueNumber } from './value';

const D = Decimal.parse;
const LINEAR = catalogued('BTCUSDT-PERP@binance');
const INVERSE = catalogued('BTC-PERPETUAL@deribit');
const SPOT = catalogued('BTCUSDT@binance');
const OPTION = catalogued('BTC-23JAN26-96000-C@deribit');
const USDC_OPTION = catalogued('BTC_USDC-23JAN26-96000-C@deribit');
const EVERY = [LINEAR, INVERSE, SPOT, OPTION, USDC_OPTION];

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

const gain = (contract: Contract, quantity: Decimal, entry: Decimal, exit: Decimal): Decimal =>
  contractValue(contract, quantity, exit).minus(contractValue(contract, quantity, entry));

describe('a contract is read once', () => {
  it('from the canonical JSON that events carry, the same object for the same text', () => {
    for (const { spec } of EVERY) {
      const text = canonicalJson(spec);
      expect(parseContract(text)).toBe(parseContract(text));
      expect(parseContract(text).spec).toEqual(spec);
    }
  });

  it('says how its price becomes money: an option on an inverse venue is quoted in coin, not one over it', () => {
    expect(EVERY.map(({ payoff, exchange, coinSettled }) => [payoff, exchange, coinSettled])).toEqual([
      ['linear', 'margined', false],
      ['inverse', 'margined', true],
      ['linear', 'paid', false],
      ['premium', 'paid', true],
      ['premium', 'paid', false],
    ]);
  });

  it('refuses a specification that nobody checked', () => {
    const broken = (changes: object) => () => parseContract(JSON.stringify({ ...OPTION.spec, ...changes }));
    expect(broken({ contractSize: '0' })).toThrow('contract size');
    expect(broken({ strike: undefined })).toThrow('strike');
    expect(broken({ optionType: undefined })).toThrow('call or put');
  });
});

describe('published examples', () => {
  maybe('inverse gains and premium-quoted options (BitMEX)', () => {
    const rows = table('bitmex_inverse_and_options');
    expect(rows).toHaveLength(3);
    for (const row of rows) {
      const quantity = decimal(row.inputs['contracts']);
      const entry = decimal(row.inputs['entry']);
      if (row.inputs['product'] === undefined) {
        const contract = { ...INVERSE, size: D('1') };
        close(gain(contract, quantity, entry, decimal(row.inputs['exit'])), row, 'pnlXbt');
        close(contractValue(contract, quantity, entry).abs(), row, 'positionValueXbtAtEntry');
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
      const strike = decimal(row.inputs['strike']);
      const optionType = row.inputs['type'] === 'Call' ? 'call' : 'put';
      const contract: Contract = { ...OPTION, strike, optionType };
      const quantity = decimal(row.inputs['contracts']).times(D(row.inputs['side'] === 'long' ? '1' : '-1'));
      const payoff = optionPayoff(contract, decimal(row.inputs['deliveryPrice'])).times(quantity);
      close(payoff.abs(), row, 'settlementValueBtc');
      const { cash } = applyFill(contract, FLAT, quantity, decimal(row.inputs['premiumBtc']));
      close(payoff.plus(cash), row, 'profitBtc');
    }
  });

  maybe('option fees with their cap (Deribit)', () => {
    const rows = table('deribit_option_fee');
    expect(rows).toHaveLength(2);
    for (const row of rows) {
      const quantity = decimal(row.inputs['amount']);
      const price = decimal(row.inputs['optionPriceCoin']);
      const fee = tradeFee(OPTION, { quantity, price, rate: D('0.0003'), rounding: 'half-up' });
      close(fee, row, 'feeCoin');
      if (row.expected['balanceAfter'] === undefined) continue;
      const { cash } = applyFill(OPTION, FLAT, quantity, price);
      close(decimal(row.inputs['balanceBefore']).plus(cash).minus(fee), row, 'balanceAfter');
    }
  });
});

describe('value', () => {
  const quantity = fc
    .integer({ min: -500, max: 500 })
    .filter((value) => value !== 0)
    .map((value) => D(String(value)));
  const price = fc.integer({ min: 1, max: 20_000_000 }).map((cents) => Decimal.ofUnits(BigInt(cents), 2));

  it('of an inverse gain is within half a unit of each value of the exact fraction', () => {
    fc.assert(
      fc.property(quantity, price, price, (held, entry, exit) => {
        // held × 10 × (1/entry − 1/exit) over the common denominator entry × exit.
        const numerator = held.times(D('10')).times(exit.minus(entry));
        const error = gain(INVERSE, held, entry, exit).times(entry).times(exit).minus(numerator).abs();
        expect(error.compare(D('0.00000001').times(entry).times(exit))).toBeLessThanOrEqual(0);
      }),
      { seed: 3 },
    );
  });

  it('in doubles is the exact one to the last of its eight digits', () => {
    fc.assert(
      fc.property(fc.constantFrom(...EVERY), quantity, price, (contract, held, at) => {
        const exact = contractValue(contract, held, at).toNumber();
        const nearest = contractValueNumber(contract, held.toNumber(), at.toNumber());
        expect(Math.abs(nearest - exact)).toBeLessThanOrEqual(5.1e-9 + 1e-12 * Math.abs(exact));
      }),
      { seed: 4 },
    );
  });
});

describe('notional', () => {
  const prices = { price: D('0.02'), underlyingUsd: D('90000') };

  it('of an option is the underlying, whatever its premium is paid in', () => {
    expect(notionalUsd(OPTION, D('-3'), prices)?.toString()).toBe('270000');
    expect(notionalUsd(USDC_OPTION, D('-3'), { ...prices, price: D('1800') })?.toString()).toBe('270000');
  });

  it('of inverse contracts is their dollars, of everything else quantity times price', () => {
    expect(notionalUsd(INVERSE, D('-9000'), { price: undefined, underlyingUsd: undefined })?.toString()).toBe(
      '90000',
    );
    expect(notionalUsd(LINEAR, D('0.5'), { ...prices, price: D('90010') })?.toString()).toBe('45005');
    expect(notionalUsd(SPOT, D('2'), { ...prices, price: D('90010') })?.toString()).toBe('180020');
    for (const contract of EVERY) {
      const exact = notionalUsd(contract, Decimal.ONE, { price: D('90010'), underlyingUsd: D('90000') });
      expect(notionalUsdNumber(contract, { price: 90010, underlyingUsd: 90000 })).toBe(exact?.toNumber());
    }
  });

  it('is not told while the price that it needs is missing', () => {
    expect(notionalUsd(OPTION, D('1'), { ...prices, underlyingUsd: undefined })).toBeUndefined();
    expect(notionalUsd(LINEAR, D('1'), { ...prices, price: undefined })).toBeUndefined();
  });
});

describe('fees, funding and payoffs', () => {
  const option = { quantity: D('-3'), price: D('0.02'), rate: D('0.0003'), rounding: 'half-up' } as const;

  it('a rebate is not capped, and a dollar-settled option pays on the underlying', () => {
    expect(tradeFee(OPTION, { ...option, price: D('0.0001'), rate: D('-0.0001') }).toString()).toBe(
      '-0.0003',
    );
    const usdc = { ...option, price: D('500'), underlyingUsd: D('90000') };
    expect(tradeFee(USDC_OPTION, usdc).toString()).toBe('81');
    expect(tradeFee(USDC_OPTION, { ...usdc, price: D('100') }).toString()).toBe('37.5');
    expect(() => tradeFee(USDC_OPTION, { ...usdc, underlyingUsd: undefined })).toThrow('the price of BTC');
  });

  it('an inverse fee is in coin, brought to eight digits as its venue does', () => {
    const fee = { quantity: D('100'), price: D('90000'), rate: D('0.0005') };
    expect(tradeFee(INVERSE, { ...fee, rounding: 'half-up' }).toString()).toBe('0.00000556');
    expect(tradeFee(INVERSE, { ...fee, price: D('91000'), rounding: 'half-up' }).toString()).toBe(
      '0.00000549',
    );
    expect(tradeFee(INVERSE, { ...fee, price: D('91000'), rounding: 'ceil' }).toString()).toBe('0.0000055');
  });

  it('longs pay a positive rate and shorts receive it, in the currency the contract settles in', () => {
    expect(fundingPayment(LINEAR, D('0.5'), D('80000'), D('0.0001')).toString()).toBe('-4');
    expect(fundingPayment(INVERSE, D('-8000'), D('80000'), D('0.0001')).toString()).toBe('0.0001');
    expect(fundingPayment(INVERSE, D('100'), D('50000'), D('0.0001')).toString()).toBe('-0.000002');
  });

  it('a payoff is of one contract, so that cash on record is payoff times quantity', () => {
    const payoff = optionPayoff(OPTION, D('97777.77'));
    expect(payoff.toString()).toBe('0.01818174');
    expect(optionPayoff(USDC_OPTION, D('97777.77')).toString()).toBe('1777.77');
    expect(optionPayoff(OPTION, D('95000')).toString()).toBe('0');
  });
});

describe('dollars', () => {
  it('are one set, at par', () => {
    expect(['USD', 'USDT', 'USDC'].every(isDollar)).toBe(true);
    expect(['BTC', 'EURR', 'DAI', 'USDE'].some(isDollar)).toBe(false);
  });
});
