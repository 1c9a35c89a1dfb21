import { differencedGreeks, greekScale } from '../../test/exotic/finite-differences';
import { expectTable, itWithTables } from '../../test/exotic/published-table';
import { priceDigital } from './digital';

const GRID = [80, 99, 105].flatMap((S) =>
  [0.02, 3].flatMap((T) =>
    [0.08, 0.3, 1.2].flatMap((sigma) =>
      [
        [0.05, 0.01],
        [0, 0],
        [-0.04, -0.04],
        [0.02, 0.09],
      ].map(([r, q]) => ({ S, K: 100, T, sigma, r: r as number, q: q as number })),
    ),
  ),
);

const STYLES = [
  { exercise: 'european' },
  { exercise: 'american', pay_at: 'hit' },
  { exercise: 'american', pay_at: 'expiry' },
  { exercise: 'american', pay_at: 'expiry', knock_in: false },
] as const;
const SIDES = ['call', 'put'] as const;
const KINDS = ['cash_or_nothing', 'asset_or_nothing'] as const;

describe('digital options', () => {
  itWithTables('reproduce the published European digitals', () => {
    expectTable('ql_digital_european_haug', { compute: ({ inputs }) => priceDigital(inputs).value });
  });

  itWithTables('reproduce the published one-touch and no-touch digitals', () => {
    expectTable('ql_digital_american_haug', { compute: ({ inputs }) => priceDigital(inputs).value });
  });

  it('report Greeks that agree with eighth-order differences', () => {
    let worst = 0;
    for (const at of GRID) {
      for (const style of STYLES) {
        for (const type of SIDES) {
          for (const kind of KINDS) {
            const price = (point: object) => priceDigital({ ...point, ...style, type, kind });
            const size = kind === 'asset_or_nothing' ? at.S : 1;
            for (const [name, reported, differenced] of differencedGreeks(
              price,
              at,
              0.01,
              Math.abs(at.S - at.K),
            )) {
              const error =
                Math.abs(reported - differenced) / (greekScale(name, at, size) + Math.abs(reported));
              if (!(error < 2e-8))
                throw new Error(
                  `${name} ${reported} against ${differenced} (${error}) at ${JSON.stringify({ ...at, ...style, type, kind })}`,
                );
              worst = Math.max(worst, error);
            }
          }
        }
      }
    }
    expect(worst).toBeLessThan(2e-8);
  });
});
