import { EvenkeelError } from '@evenkeel/kernel';
import { requiredOf } from './required';
import type { AskedFor } from './required';

describe('what takes effect only with a second person', () => {
  it.each<[AskedFor, readonly string[], string]>([
    [undefined, [], 'loosening'],
    ['required', [], 'everything'],
    ['optional', [], 'nothing'],
    [undefined, ['deribit'], 'everything'],
    ['required', ['deribit'], 'everything'],
    ['optional', ['deribit', 'okx'], 'GOVERNANCE.OPTIONAL_WITH_REAL_VENUE'],
  ])('EK_GOVERNANCE=%s with orders that leave for %j: %s', (asked, realVenues, expected) => {
    let found: string;
    try {
      found = requiredOf(asked, realVenues);
    } catch (error) {
      if (!(error instanceof EvenkeelError)) throw error;
      expect(error.message).toContain(realVenues.join(', '));
      found = error.code;
    }
    expect(found).toBe(expected);
  });
});
