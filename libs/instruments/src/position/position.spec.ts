import { Decimal, required, sum } from '@evenkeel/kernel';
import fc from 'fast-check';
import { catalogued } from '../../test/catalogued';
import { markedValue } from '../../test/marked-value';
import type { Contract } from '../contract/contract';
import { tradeFee } from '../contract/fees';
import { fundingPayment } from '../contract/funding';
import { contractValue, contractValueNumber } from '../contract/value';
import { bookFill, emptyLedger, unbookFill } from './account-ledger';
import type { ContractPosition } from './position';
import { FLAT, applyFill, averageEntryPrice, unrealisedPnl, unrealisedPnlNumber } from './position';

const D = Decimal.parse;
const LINEAR = catalogued('BTCUSDT-PERP@binance');
const INVERSE = catalogued('BTC-PERPETUAL@deribit');
const SPOT = catalogued('BTCUSDT@binance');
const OPTION = catalogued('BTC-23JAN26-96000-C@deribit');

type Trade = readonly [quantity: Decimal, price: Decimal];

const quantity = fc
  .integer({ min: -5000, max: 5000 })
  .filter((value) => value !== 0)
  .map((value) => D(String(value)));
const price = fc
  .integer({ min: 1_000_000, max: 20_000_000 })
  .map((cents) => Decimal.ofUnits(BigInt(cents), 2));
const trades: fc.Arbitrary<Trade[]> = fc.array(fc.tuple(quantity, price), { minLength: 1, maxLength: 40 });
const anyContract = fc.constantFrom(LINEAR, INVERSE, OPTION, SPOT);

function run(contract: Contract, fills: readonly Trade[]): { position: ContractPosition; realised: Decimal } {
  let position = FLAT;
  let realised = Decimal.ZERO;
  for (const [bought, at] of fills) {
    const outcome = applyFill(contract, position, bought, at);
    position = outcome.position;
    realised = realised.plus(outcome.realised);
  }
  return { position, realised };
}

const fillsOf = (...pairs: [string, string][]): Trade[] => pairs.map(([held, at]) => [D(held), D(at)]);

/** Realised profit when all that is left is closed at a price. */
function closedAt(contract: Contract, fills: readonly Trade[], at: Decimal): Decimal {
  const { position, realised } = run(contract, fills);
  if (position.quantity.isZero()) return realised;
  const close = applyFill(contract, position, position.quantity.negated(), at);
  expect(close.position).toEqual(FLAT);
  return realised.plus(close.realised);
}

describe('a linear position', () => {
  it.each([
    [
      'averages what it adds',
      [
        ['1', '100'],
        ['3', '200'],
      ],
      '0',
      '175',
      '4',
    ],
    [
      'realises what it reduces',
      [
        ['4', '175'],
        ['-1', '200'],
      ],
      '25',
      '175',
      '3',
    ],
    [
      'starts anew where it flips',
      [
        ['-2', '100'],
        ['5', '90'],
      ],
      '20',
      '90',
      '3',
    ],
  ] as [string, [string, string][], string, string, string][])('%s', (_, fills, realised, average, held) => {
    const after = run(LINEAR, fillsOf(...fills));
    expect(after.realised.toString()).toBe(realised);
    expect(averageEntryPrice(LINEAR, after.position).toString()).toBe(average);
    expect(after.position.quantity.toString()).toBe(held);
  });
});

describe('a coin-settled position', () => {
  it('realises size × (1/entry − 1/exit) coin, averaging harmonically', () => {
    const closed = run(INVERSE, fillsOf(['1000', '80000'], ['-1000', '100000']));
    expect(closed.realised.toString()).toBe('0.025');
    const { position } = run(INVERSE, fillsOf(['100', '50000'], ['100', '100000']));
    expect(averageEntryPrice(INVERSE, position).toString()).toBe('66666.66666667');
  });

  it('of the dollar value of the coins held locks those dollars', () => {
    const coins = D('2');
    const short = applyFill(INVERSE, FLAT, D('-10000'), D('50000')).position;
    for (const later of ['20000', '50000', '125000']) {
      const dollars = coins.plus(unrealisedPnl(INVERSE, short, D(later))).times(D(later));
      expect(dollars.round(2, 'half-even').toString()).toBe('100000');
    }
  });

  it('that goes through zero opens as a new one would', () => {
    fc.assert(
      fc.property(quantity, quantity, price, price, (first, second, entry, at) => {
        const flips = first.plus(second).sign() * first.sign() < 0;
        if (!flips) return;
        const { position } = run(INVERSE, [
          [first, entry],
          [second, at],
        ]);
        expect(position).toEqual(applyFill(INVERSE, FLAT, first.plus(second), at).position);
      }),
      { seed: 7, numRuns: 300 },
    );
  });
});

describe('whatever is traded', () => {
  it('cash plus marked positions equals the sum of cash flows, to the last unit, for every payoff', () => {
    fc.assert(
      fc.property(anyContract, trades, price, (contract, fills, mark) => {
        let cash = Decimal.ZERO;
        let flows = Decimal.ZERO;
        let position = FLAT;
        for (const [bought, at] of fills) {
          const outcome = applyFill(contract, position, bought, at);
          const fee = tradeFee(contract, {
            quantity: bought,
            price: at,
            rate: D('0.0005'),
            rounding: 'half-up',
          });
          const funding = fundingPayment(contract, outcome.position.quantity, at, D('0.0001'));
          cash = cash.plus(outcome.cash).minus(fee).plus(funding);
          flows = flows
            .minus(contractValue(contract, bought, at))
            .minus(fee)
            .plus(funding);
          position = outcome.position;
        }
        // Had everything been closed at the mark: the last cash flow is the value of what is held.
        const closing = position.quantity.isZero()
          ? Decimal.ZERO
          : contractValue(contract, position.quantity, mark);
        expect(cash.plus(markedValue(contract, position, mark)).toString()).toBe(
          flows.plus(closing).toString(),
        );
      }),
      { seed: 1, numRuns: 1000 },
    );
  });

  it('a position that is flat again has realised exactly what was paid and received, however it was closed', () => {
    fc.assert(
      fc.property(anyContract, trades, (contract, fills) => {
        const net = sum(fills.map(([bought]) => bought));
        const all: Trade[] = net.isZero() ? fills : [...fills, [net.negated(), D('10000')]];
        const { position, realised } = run(contract, all);
        expect(position).toEqual(FLAT);
        const paid = sum(all.map(([bought, at]) => contractValue(contract, bought, at)));
        expect(realised.toString()).toBe(paid.negated().toString());
      }),
      { seed: 2, numRuns: 500 },
    );
  });

  it('in any order: the same profit, to the last unit when linear, to the eighth digit of each fill when inverse', () => {
    fc.assert(
      fc.property(trades, fc.infiniteStream(fc.nat()), (fills, keys) => {
        const shuffled = fills
          .map((entry) => [required(keys.next().value, 'a key'), entry] as const)
          .sort(([a], [b]) => a - b)
          .map(([, entry]) => entry);
        const at = D('90000');
        expect(closedAt(LINEAR, shuffled, at).toString()).toBe(closedAt(LINEAR, fills, at).toString());
        const apart = closedAt(INVERSE, shuffled, at)
          .minus(closedAt(INVERSE, fills, at))
          .abs();
        expect(apart.toNumber()).toBeLessThanOrEqual(1e-8 * (fills.length * 2 + 2));
      }),
      { seed: 20260103, numRuns: 200 },
    );
  });

  it('unrealised in doubles is the exact one', () => {
    fc.assert(
      fc.property(anyContract, trades, price, (contract, fills, mark) => {
        const { position } = run(contract, fills);
        const numbers = { contracts: position.quantity.toNumber(), basisNumber: position.basis.toNumber() };
        const exact = unrealisedPnl(contract, position, mark).toNumber();
        // Cancellation of what it is the difference of.
        const size = Math.abs(contractValueNumber(contract, numbers.contracts, mark.toNumber()));
        const near = unrealisedPnlNumber(contract, numbers, mark.toNumber());
        expect(Math.abs(near - exact)).toBeLessThanOrEqual(5.1e-9 + 1e-13 * (size + Math.abs(exact)));
      }),
      { seed: 5, numRuns: 300 },
    );
  });
});

describe('a bust', () => {
  const fee = { currency: '', amount: '0' };

  it('undone by the opposite fill is worth what never having had it is, in the venue’s ledger and in the book', () => {
    fc.assert(
      fc.property(anyContract, trades, fc.nat(), price, (contract, fills, which, mark) => {
        const ledger = emptyLedger();
        fills.forEach(([held, at], index) =>
          bookFill(ledger, `f${index}`, { contract, quantity: held, price: at, fee, at: BigInt(index) }),
        );
        const place = which % fills.length;
        const busted = required(fills[place], 'the busted fill');
        unbookFill(ledger, `f${place}`, {
          contract,
          quantity: busted[0],
          price: busted[1],
          fee: { currency: 'USD', amount: '0' },
          at: 0n,
        });
        const kept = ledger.positions.get(contract.id) ?? FLAT;
        const cash = ledger.cash.get(contract.settlement) ?? Decimal.ZERO;
        const venue = cash.plus(markedValue(contract, kept, mark));
        let position = FLAT;
        let book = Decimal.ZERO;
        for (const [held, at] of [...fills, [busted[0].negated(), busted[1]] as const]) {
          const outcome = applyFill(contract, position, held, at);
          position = outcome.position;
          book = book.plus(outcome.cash);
        }
        expect(position.quantity.toString()).toBe(kept.quantity.toString());
        expect(book.plus(markedValue(contract, position, mark)).toString()).toBe(venue.toString());
      }),
      { seed: 6, numRuns: 300 },
    );
  });
});
