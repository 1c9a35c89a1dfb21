import { InvalidInputError, formatInstant } from '@evenkeel/kernel';
import type { NamedRow } from '../tape/table-rows';
import { remarksOfBars } from './judged-bars';

const HOUR = 3_600_000_000_000n;

/** Up by a tenth every hour, and back by half of one each third. */
const priceOf = (hour: number): number => 100 + 0.25 * hour - (hour % 3 === 0 ? 0.25 : 0);

/** Hourly bars, each opening where the one above closed. */
function bars(change: (fields: Record<string, string>, index: number) => void = () => undefined): NamedRow[] {
  return Array.from({ length: 100 }, (_, index) => {
    const [open, close] = [priceOf(index), priceOf(index + 1)];
    const fields: Record<string, string> = {
      date: formatInstant(1_767_225_600_000_000_000n + BigInt(index) * HOUR),
      open: String(open),
      high: String(Math.max(open, close) + 0.1),
      low: String(Math.min(open, close) - 0.1),
      close: String(close),
    };
    change(fields, index);
    return { line: index + 2, fields };
  });
}

function refusalOf(rows: readonly NamedRow[]): string {
  try {
    remarksOfBars('bars.csv', rows);
  } catch (error) {
    if (error instanceof InvalidInputError) return error.message;
    throw error;
  }
  return '';
}

const scaled = (fields: Record<string, string>): void => {
  for (const name of ['open', 'high', 'low', 'close']) fields[name] = String(Number(fields[name]) / 10);
};

describe('bars without a tape', () => {
  it('that agree with themselves are left alone', () => {
    expect(remarksOfBars('bars.csv', bars())).toEqual([]);
  });

  it.each<readonly [string, Parameters<typeof bars>[0], RegExp]>([
    [
      'change their unit for good',
      (fields, index) => void (index >= 50 && scaled(fields)),
      /bars\.csv:52: close [\d.]+ is a tenth/,
    ],
    [
      'change their unit once',
      (fields, index) => void (index === 50 && scaled(fields)),
      /bars\.csv:52: close [\d.]+ is a tenth/,
    ],
    [
      'have open and close out of place',
      (fields) => void ([fields['open'], fields['close']] = [fields['close'] ?? '', fields['open'] ?? '']),
      /open and close are out of place/,
    ],
    [
      'close beyond their high',
      (fields, index) => void (index === 7 && (fields['close'] = '190')),
      /bars\.csv:9: close 190 lies outside/,
    ],
    [
      'have a low above the high',
      (fields, index) => void (index === 7 && (fields['low'] = '190')),
      /bars\.csv:9: low 190 lies above/,
    ],
  ])('are refused where they %s', (_, change, said) => {
    expect(refusalOf(bars(change))).toMatch(said);
  });

  it('that lack some are told of', () => {
    const rows = bars().filter((_, index) => index < 30 || index > 34);
    expect(remarksOfBars('bars.csv', rows)).toEqual([
      expect.stringMatching(/^bars\.csv:37: 5 bars are missing before/),
    ]);
  });
});
