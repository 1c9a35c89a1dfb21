import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { itWithSharedData, sharedDir } from '@evenkeel/testkit';
import { Decimal, required, sum } from '@evenkeel/kernel';
import fc from 'fast-check';
import { specificationText } from '../test/scenario';
import { fundingCash, optionPayoff } from './cash-flow';
import { contractTermsOf } from './contract-terms';
import type { ContractTerms } from './contract-terms';
import { FLAT, applyTrade, entryValueOf } from './position';
import type { Position } from './state';

const linear = contractTermsOf(specificationText('BTCUSDT-PERP@binance'));
const inverse = contractTermsOf(specificationText('BTC-PERPETUAL@deribit'));

interface Trade {
  readonly quantity: string;
  readonly price: string;
}

function run(
  terms: ContractTerms,
  trades: readonly Trade[],
): { position: Position; realised: Decimal; average: string } {
  let position = FLAT;
  let average = '0';
  const realised: Decimal[] = [];
  for (const trade of trades) {
    const change = applyTrade(terms, position, Decimal.parse(trade.quantity), Decimal.parse(trade.price));
    position = change.position;
    average = change.averagePrice.toString();
    realised.push(change.realised);
  }
  return { position, realised: sum(realised), average };
}

/** Realised profit, and what closing everything at `price` would add to it. */
function closedAt(terms: ContractTerms, trades: readonly Trade[], price: string): Decimal {
  const { position, realised } = run(terms, trades);
  const close = applyTrade(terms, position, Decimal.parse(position.quantity).negated(), Decimal.parse(price));
  expect(close.position.quantity).toBe('0');
  expect(close.position.entryValue).toBe('0');
  return realised.plus(close.realised);
}

describe('a linear position', () => {
  it('averages what it adds, realises what it reduces, and starts anew where it flips', () => {
    expect(
      run(linear, [
        { quantity: '1', price: '100' },
        { quantity: '3', price: '200' },
      ]),
    ).toMatchObject({ average: '175' });
    const reduced = run(linear, [
      { quantity: '4', price: '175' },
      { quantity: '-1', price: '200' },
    ]);
    expect([reduced.realised.toString(), reduced.average, reduced.position.quantity]).toEqual([
      '25',
      '175',
      '3',
    ]);
    const flipped = run(linear, [
      { quantity: '-2', price: '100' },
      { quantity: '5', price: '90' },
    ]);
    expect([flipped.realised.toString(), flipped.average, flipped.position.quantity]).toEqual([
      '20',
      '90',
      '3',
    ]);
  });
});

describe('a coin-settled position', () => {
  it('realises size × (1/entry − 1/exit) coin, averaging harmonically', () => {
    const closed = run(inverse, [
      { quantity: '1000', price: '80000' },
      { quantity: '-1000', price: '100000' },
    ]);
    expect(closed.realised.toString()).toBe('0.025');
    expect(
      run(inverse, [
        { quantity: '100', price: '50000' },
        { quantity: '100', price: '100000' },
      ]).average,
    ).toBe('66666.66666667');
  });
});

const trade = fc.record({
  quantity: fc
    .integer({ min: -5000, max: 5000 })
    .filter((units) => units !== 0)
    .map(String),
  price: fc.integer({ min: 1_000_000, max: 20_000_000 }).map((cents) => (cents / 100).toFixed(2)),
});

describe('fills in any order', () => {
  const runs = { seed: 20260103, numRuns: 300, endOnFailure: true };

  it('leave a linear book with the same position and, to the last unit, the same profit', () => {
    fc.assert(
      fc.property(
        fc.array(trade, { minLength: 1, maxLength: 12 }),
        fc.infiniteStream(fc.nat()),
        (trades, keys) => {
          const shuffled = trades
            .map((entry) => [required(keys.next().value, 'a key'), entry] as const)
            .sort(([a], [b]) => a - b)
            .map(([, entry]) => entry);
          expect(closedAt(linear, shuffled, '90000').toString()).toBe(
            closedAt(linear, trades, '90000').toString(),
          );
        },
      ),
      runs,
    );
  });

  it('leave a coin-settled book with the same profit up to the eighth digit of each fill', () => {
    fc.assert(
      fc.property(fc.array(trade, { minLength: 1, maxLength: 12 }), (trades) => {
        const backwards = [...trades].reverse();
        const difference = closedAt(inverse, trades, '90000')
          .minus(closedAt(inverse, backwards, '90000'))
          .abs();
        expect(difference.toNumber()).toBeLessThanOrEqual(1e-8 * (trades.length * 2 + 2));
        const exact = sum(
          trades.map((entry) =>
            entryValueOf(inverse, Decimal.parse(entry.quantity), Decimal.parse(entry.price)),
          ),
        );
        const open = sum(trades.map((entry) => Decimal.parse(entry.quantity)));
        const expected = exact.minus(entryValueOf(inverse, open, Decimal.parse('90000')));
        expect(closedAt(inverse, trades, '90000').minus(expected).abs().toNumber()).toBeLessThanOrEqual(
          1e-8 * (trades.length * 2 + 2),
        );
      }),
      runs,
    );
  });
});

describe('cash flows', () => {
  it('funding: a long pays a positive rate, in the currency the contract settles in', () => {
    const at = (terms: ContractTerms, position: string): string =>
      fundingCash(terms, Decimal.parse(position), Decimal.parse('80000'), Decimal.parse('0.0001')).toString();
    expect(at(linear, '0.5')).toBe('-4');
    expect(at(inverse, '-8000')).toBe('0.0001');
  });

  itWithSharedData('validation/deribit_inverse_option_settlement.json')(
    'payoffs are those of the venue’s worked examples',
    () => {
      const file = join(sharedDir() ?? '', 'validation/deribit_inverse_option_settlement.json');
      // The table's own shape; what a case does not give is not read.
      const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: SettlementCase[] };
      let compared = 0;
      for (const { inputs, expected } of cases) {
        if (expected.settlementValueBtc === undefined) continue;
        const side = inputs.type.toLowerCase() === 'call' ? 'C' : 'P';
        const terms = contractTermsOf(specificationText(`BTC-9JAN26-${inputs.strike}-${side}@deribit`));
        const payoff =
          optionPayoff(terms, Decimal.parse(String(inputs.deliveryPrice))).toNumber() * inputs.contracts;
        expect(Math.abs(payoff - Math.abs(expected.settlementValueBtc))).toBeLessThanOrEqual(5.1e-9);
        compared += 1;
      }
      expect(compared).toBeGreaterThanOrEqual(2);
    },
  );
});

interface SettlementCase {
  readonly inputs: {
    readonly type: string;
    readonly strike: number;
    readonly deliveryPrice: number;
    readonly contracts: number;
  };
  readonly expected: { readonly settlementValueBtc?: number };
}
