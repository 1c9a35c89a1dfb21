import fc from 'fast-check';
import {
  scaleOfNumbers,
  scaleOfTexts,
  numberOfUnits,
  textOfUnits,
  unitsOfNumber,
  unitsOfText,
} from './scaled';

const texts = fc.oneof(
  fc
    .tuple(fc.integer({ min: -999_999, max: 999_999 }), fc.integer({ min: 0, max: 6 }))
    .map(([units, digits]) => (units / 1_000).toFixed(digits)),
  fc.stringMatching(/^-?\d{1,3}(\.\d{0,3})?$/),
  fc.constantFrom(
    '',
    '-',
    '.',
    '-0',
    '-0.0',
    '00',
    '1e3',
    '1.',
    '.5',
    '0.10',
    '1.2.3',
    'NaN',
    ' 1',
    '123456789012345678',
  ),
);

describe('decimals as integers', () => {
  it('give every text back that they take, and take none that they would not give back', () => {
    fc.assert(
      fc.property(fc.array(texts, { maxLength: 6 }), (list) => {
        const scale = scaleOfTexts(list);
        for (const text of list) {
          const units = unitsOfText(text, scale);
          if (units !== undefined) expect(textOfUnits(units, scale)).toBe(text);
        }
      }),
      { seed: 21, numRuns: 2_000 },
    );
  });

  it('take what venues write, with and without padding', () => {
    expect(scaleOfTexts(['0.0300', '0.0345'])).toEqual({ scale: 4, padded: true });
    expect(unitsOfText('0.0300', { scale: 4, padded: true })).toBe(300);
    expect(scaleOfTexts(['91234.5', '-2'])).toEqual({ scale: 1, padded: false });
    expect(unitsOfText('-2', { scale: 1, padded: false })).toBe(-20);
    expect(unitsOfText('-2.0', { scale: 1, padded: false })).toBeUndefined();
  });

  it('give every double back that they take, to the last bit', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.double(),
            fc.integer().map((units) => units / 1e4),
          ),
          { maxLength: 6 },
        ),
        (list) => {
          const scale = scaleOfNumbers(list);
          for (const value of list) {
            const units = unitsOfNumber(value, scale);
            if (units !== undefined) expect(Object.is(numberOfUnits(units, scale), value)).toBe(true);
          }
        },
      ),
      { seed: 22, numRuns: 2_000 },
    );
  });

  it('leave out what has more digits, and find the scale of the others', () => {
    expect(scaleOfNumbers([0.5512, 39.29 / 100, 96_658.26428571428])).toBe(4);
    expect(unitsOfNumber(39.29 / 100, 4)).toBeUndefined();
    expect(unitsOfNumber(0.5512, 4)).toBe(5512);
  });
});
