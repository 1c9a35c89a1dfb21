import { Decimal } from 'decimal.js';
import { decimalEuropean, exactly, normalCdf } from '../../test/decimal-black';
import { SeededLegs } from '../../test/seeded-legs';
import { math } from '../math';
import { priceEuropean } from './european';

const CASES = process.env['EK_SOAK'] === '1' ? 20_000 : 300;
const NAMES = ['value', 'delta', 'gamma', 'vega', 'theta', 'rho'] as const;

function relativeError(got: number, exact: Decimal, scale: Decimal): number {
  return scale.isZero() ? Math.abs(got) : Math.abs(new Decimal(got).sub(exact).div(scale).toNumber());
}

describe('against 45 digits', () => {
  it(`holds European and forward values and first Greeks to 1e-13 (${CASES} random options)`, () => {
    const random = new SeededLegs(51);
    const worst: Record<string, { error: number; at: string }> = {};
    let checked = 0;
    while (checked < CASES) {
      const S = random.between(0.01, 1) * 10 ** Math.floor(random.between(0, 6));
      const K = S * 10 ** random.between(-0.8, 0.8);
      const T = 10 ** random.between(-3.5, 1);
      const sigma = 10 ** random.between(-1.5, 0.4);
      const carried = random.uniform() < 0.6;
      const r = carried ? random.between(-0.05, 0.15) : 0;
      const q = carried ? random.between(-0.05, 0.15) : r;
      // From 25 standard deviations out, values are below 1e-135 of the underlying.
      if (Math.abs(Math.log(S / K)) / (sigma * Math.sqrt(T)) > 25) continue;
      const inputs = { type: random.uniform() < 0.5 ? 'call' : 'put', S, K, T, sigma, r, q } as const;
      const got = priceEuropean(inputs);
      const want = decimalEuropean({ ...inputs, q: r - (r - q) });
      checked += 1;
      for (const name of NAMES) {
        const error = relativeError(got[name], want[name].exact, want[name].scale);
        if (!(error <= (worst[name]?.error ?? -1))) worst[name] = { error, at: JSON.stringify(inputs) };
      }
    }
    for (const name of NAMES) expect(worst[name]?.error).toBeLessThan(1e-13);
    process.stderr.write(
      `pricing: worst relative error of ${CASES} options: ${NAMES.map((n) => `${n} ${worst[n]?.error.toExponential(1)}`).join(', ')}\n`,
    );
  });

  it('holds the normal distribution to 2e-15 relative, tails included', () => {
    let worst = 0;
    for (let i = -300; i <= 90; i += 1) {
      const x = i / 10 + 0.017;
      const exact = normalCdf(exactly(x));
      worst = Math.max(worst, relativeError(math.normCdf(x), exact, exact));
    }
    expect(worst).toBeLessThan(2e-15);
  });
});
