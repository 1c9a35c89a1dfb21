import fc from 'fast-check';
import { differencedGreeks, greekScale } from '../../test/exotic/finite-differences';
import { expectTable, itWithTables } from '../../test/exotic/published-table';
import { math } from '../math';
import { priceEuropeanBarrier } from './barrier';
import { priceMerton } from './merton';

const spot = fc.double({ min: 60, max: 160, noNaN: true });
const terms = fc.record({
  S: spot,
  K: fc.constant(100),
  T: fc.double({ min: 0.01, max: 5, noNaN: true }),
  r: fc.double({ min: -0.05, max: 0.15, noNaN: true }),
  q: fc.double({ min: -0.05, max: 0.15, noNaN: true }),
  sigma: fc.double({ min: 0.05, max: 1.5, noNaN: true }),
});
const jumps = fc.record({
  jump_intensity: fc.double({ min: 0, max: 6, noNaN: true }),
  jump_vol_delta: fc.double({ min: 0, max: 0.5, noNaN: true }),
  mean_jump: fc.double({ min: -0.5, max: 0.5, noNaN: true }),
});
const SEED = { seed: 20260101, numRuns: 300, endOnFailure: true };

describe('Merton jump diffusion', () => {
  itWithTables('reproduces the published table', () => {
    expectTable('ql_merton76_haug', { compute: ({ inputs }) => priceMerton(inputs).value });
  });

  it('keeps put-call parity, value and Greeks', () => {
    fc.assert(
      fc.property(terms, jumps, (at, jump) => {
        const call = priceMerton({ ...at, ...jump, type: 'call' });
        const put = priceMerton({ ...at, ...jump, type: 'put' });
        const forward = at.S * math.exp(-at.q * at.T) - at.K * math.exp(-at.r * at.T);
        expect(Math.abs(call.value - put.value - forward)).toBeLessThan(1e-10);
        expect(Math.abs(call.delta - put.delta - math.exp(-at.q * at.T))).toBeLessThan(1e-11);
        expect(Math.abs(call.gamma - put.gamma)).toBeLessThan(1e-9);
      }),
      SEED,
    );
  });

  it('falls back to Black-Scholes as jumps vanish in number or in size', () => {
    fc.assert(
      fc.property(terms, (at) => {
        const plain = priceEuropeanBarrier({
          ...at,
          type: 'put',
          barrier_type: 'DownIn',
          barrier: 1,
          touched: true,
        });
        const rare = priceMerton({
          ...at,
          type: 'put',
          jump_intensity: 0,
          jump_vol_delta: 0.3,
          mean_jump: -0.2,
        });
        const tiny = priceMerton({ ...at, type: 'put', jump_intensity: 5, jump_vol_delta: 0, mean_jump: 0 });
        for (const name of Object.keys(plain) as (keyof typeof plain)[]) {
          const scale = (name === 'value' ? 100 : greekScale(name, at, 100)) + Math.abs(plain[name]);
          expect(Math.abs(rare[name] - plain[name]) / scale).toBeLessThan(1e-12);
          expect(Math.abs(tiny[name] - plain[name]) / scale).toBeLessThan(1e-11);
        }
      }),
      SEED,
    );
  });

  it('reports Greeks that agree with eighth-order differences', () => {
    fc.assert(
      fc.property(terms, jumps, (point0, jump) => {
        // A mixture of very narrow peaks is beyond differences in T, not beyond the kernel.
        const at = { ...point0, sigma: point0.sigma + 0.15 };
        const price = (point: object) => priceMerton({ ...point, ...jump, type: 'call' });
        for (const [name, reported, differenced] of differencedGreeks(price, at, 0.004)) {
          const error = Math.abs(reported - differenced) / (greekScale(name, at, at.S) + Math.abs(reported));
          if (!(error < 2e-7)) throw new Error(`${name} ${reported} against ${differenced}`);
        }
      }),
      { ...SEED, numRuns: 100 },
    );
  });

  it('is homogeneous in spot and strike, and finite at the edges', () => {
    const jump = { jump_intensity: 3, jump_vol_delta: 0.2, mean_jump: -0.1, type: 'call', r: 0.03, q: 0.01 };
    const one = priceMerton({ ...jump, S: 100, K: 110, T: 1, sigma: 0.2 });
    const ten = priceMerton({ ...jump, S: 1000, K: 1100, T: 1, sigma: 0.2 });
    expect(Math.abs(ten.value - 10 * one.value)).toBeLessThan(1e-12);
    for (const T of [-1, 0, 1e-9, 1, 200]) {
      for (const sigma of [0, 1e-9, 0.3, 60]) {
        for (const S of [1e-6, 100, 1e7]) {
          for (const jump_intensity of [0, 1e-300, 1, 90]) {
            const value = priceMerton({ ...jump, jump_intensity, S, K: 100, T, sigma });
            for (const [name, number] of Object.entries(value)) {
              if (Number.isNaN(number))
                throw new Error(`${name} at ${JSON.stringify({ T, sigma, S, jump_intensity })}`);
            }
          }
        }
      }
    }
    expect(() => priceMerton({ ...jump, S: 1, K: 1, T: 1, sigma: 0.1, mean_jump: -1 })).toThrow(/mean_jump/);
  });
});
