import fc from 'fast-check';
import { Decimal, sum } from '@evenkeel/kernel';
import { amountText, moneyCell, moneyText } from './amount';
import { sumText, withRounding } from './sums';

const currency = fc.constantFrom('USD', 'USDT', 'BTC', 'ETH');
const exactAmount = fc
  .tuple(fc.bigInt({ min: -(10n ** 16n), max: 10n ** 16n }), fc.integer({ min: 0, max: 12 }))
  .map(([units, scale]) => Decimal.ofUnits(units, scale));
const read = (text: string): Decimal => Decimal.parse(text.replace('−', '-').replace(/,/g, ''));

describe('printed money', () => {
  it('adds up: parts and their rounding are the printed total, each figure within half a last digit of the exact one', () => {
    fc.assert(
      fc.property(fc.array(exactAmount, { minLength: 1, maxLength: 15 }), currency, (parts, unit) => {
        const total = sum(parts);
        const named = parts.map((part, index) => [`part ${index}`, part.toString()] as const);
        const lines = withRounding(total.toString(), named, unit);
        const printed = lines.map(([, amount]) => read(moneyCell(amount, unit)));
        expect(sum(printed).toString()).toBe(read(moneyCell(total.toString(), unit)).toString());
        const half = Decimal.parse(unit.startsWith('USD') ? '0.005' : '0.0000005');
        for (const exact of [...parts, total]) {
          const off = read(moneyCell(exact.toString(), unit)).minus(exact).abs();
          expect(off.compare(half)).toBeLessThanOrEqual(0);
        }
        // No more than half a digit from each part and from the total.
        const rounding = sum(printed.slice(parts.length)).abs();
        expect(rounding.compare(half.times(Decimal.ofInteger(parts.length + 1)))).toBeLessThanOrEqual(0);
      }),
      { seed: 12, numRuns: 500 },
    );
  });

  it('shows no rounding where nothing is left over', () => {
    const parts = [
      ['options', '11249.84175'],
      ['settlement', '-13142.64'],
    ] as const;
    expect(sumText('-1892.79825', parts, 'USD')).toBe('options 11,249.84 USD + settlement −13,142.64 USD');
  });

  it('names what the printed parts lack', () => {
    const parts = [
      ['a', '0.004'],
      ['b', '0.004'],
    ] as const;
    expect(sumText('0.008', parts, 'USD')).toBe('a 0.00 USD + b 0.00 USD + rounding 0.01 USD');
  });

  it('rounds half to the even cent, exactly: neither cut off nor a double’s guess', () => {
    expect(moneyText('-3011.49758', 'USD')).toBe('−3,011.50 USD');
    expect(moneyText('-54999.9971', 'USD')).toBe('−55,000.00 USD');
    expect([moneyCell('0.125', 'USD'), moneyCell('0.135', 'USD')]).toEqual(['0.12', '0.14']);
    // The double nearest to 1.015 is below it, and toFixed says 1.01; it stands for the amount that was meant.
    expect(amountText(1.015, 'USD')).toBe(moneyText('1.015', 'USD'));
  });
});
