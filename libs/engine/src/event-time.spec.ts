import fc from 'fast-check';
import { nextInstant } from './event-time';

describe('nextInstant', () => {
  it('takes the market first where both are due together, and the wake one nanosecond later', () => {
    expect(nextInstant(5n, 10n, [{ service: 'execution', at: 10n }])).toEqual({ kind: 'market', at: 10n });
    expect(nextInstant(10n, 20n, [{ service: 'execution', at: 10n }])).toEqual({
      kind: 'wake',
      at: 11n,
      services: ['execution'],
    });
  });
  it('ends when nobody wants anything', () => {
    expect(nextInstant(5n, undefined, [])).toBeUndefined();
  });
  it('strictly increases and never passes the market by', () => {
    fc.assert(
      fc.property(
        fc.bigInt(0n, 50n),
        fc.option(fc.bigInt(51n, 99n), { nil: undefined }),
        fc.array(fc.bigInt(0n, 99n)),
        (last, market, wakes) => {
          const next = nextInstant(
            last,
            market,
            wakes.map((at) => ({ service: 's', at })),
          );
          if (next === undefined) return market === undefined && wakes.length === 0;
          return next.at > last && (market === undefined || next.at <= market);
        },
      ),
    );
  });
});
