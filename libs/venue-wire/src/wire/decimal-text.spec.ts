import { Decimal } from '@evenkeel/kernel';
import fc from 'fast-check';

import {
  compareDecimalText,
  decimalTextOfNumber,
  decimalTextOfString,
  shiftDecimal,
  type DecimalText,
} from './decimal-text';

const lexeme = fc
  .tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 25n }), fc.integer({ min: 0, max: 20 }))
  .map(([negative, digits, places]) => {
    const text = digits.toString().padStart(places + 1, '0');
    const point = text.length - places;
    return `${negative ? '-' : ''}${text.slice(0, point)}${places > 0 ? `.${text.slice(point)}` : ''}`;
  });

describe('decimal text', () => {
  it.each([
    ['8010.00000000', '8010'],
    ['0.10', '0.1'],
    ['000.5', '0.5'],
    ['-0', '0'],
    ['-0.000', '0'],
    ['-12.50', '-12.5'],
    ['1e-7', '0.0000001'],
    ['2.5E3', '2500'],
    ['100', '100'],
  ])('%s is %s', (written, canonical) => {
    expect(decimalTextOfString(written)).toBe(canonical);
  });

  it.each([
    '',
    ' 1',
    '1.',
    '.5',
    '+1',
    '1,5',
    'NaN',
    'Infinity',
    '∞',
    '0x10',
    '1e',
    '--1',
    '1_000',
    '0.-10000',
    '1e999',
  ])('%s is not a decimal', (written) => {
    expect(decimalTextOfString(written)).toBeUndefined();
  });

  it('keeps the number and is the same text for equal numbers', () => {
    fc.assert(
      fc.property(lexeme, (written) => {
        expect(decimalTextOfString(written)).toBe(Decimal.parse(written).toString());
      }),
      { seed: 5 },
    );
  });

  it('compares as numbers do', () => {
    fc.assert(
      fc.property(lexeme, lexeme, (a, b) => {
        const ours = compareDecimalText(
          decimalTextOfString(a) as DecimalText,
          decimalTextOfString(b) as DecimalText,
        ); // valid by construction
        expect(Math.sign(ours)).toBe(Decimal.parse(a).compare(Decimal.parse(b)));
      }),
      { seed: 6 },
    );
  });

  it('writes a double by its shortest digits, without exponent', () => {
    expect(decimalTextOfNumber(5e-7)).toBe('0.0000005');
    expect(decimalTextOfNumber(-0)).toBe('0');
    expect(decimalTextOfNumber(9598.5)).toBe('9598.5');
    expect(decimalTextOfNumber(Number.POSITIVE_INFINITY)).toBeUndefined();
  });

  it('shifts the point exactly', () => {
    expect(shiftDecimal('63.21' as DecimalText, -2)).toBe('0.6321'); // a literal decimal
    expect(shiftDecimal('1906500' as DecimalText, -4)).toBe('190.65'); // a literal decimal
    expect(shiftDecimal('1.5' as DecimalText, 3)).toBe('1500'); // a literal decimal
  });
});
