import { parseInstrument } from '@evenkeel/instruments';
import { initialSpot } from './sim-listing';

describe('where a market of ours begins', () => {
  const beginsAt = (...ids: string[]): number =>
    initialSpot(
      'ETH',
      ids.flatMap((id) => {
        const parsed = parseInstrument(id);
        return parsed.ok ? [parsed.value] : [];
      }),
    );

  it('is amid the strikes of a book: between the two of a strangle, not at its call', () => {
    expect(beginsAt('ETH-16JAN26-3840-C@deribit', 'ETH-16JAN26-3360-P@deribit')).toBe(3600);
    expect(beginsAt('ETH-16JAN26-3840-C@deribit')).toBe(3840);
    expect(beginsAt('ETH-PERPETUAL@deribit')).toBe(3000);
  });
});
