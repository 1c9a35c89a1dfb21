import fc from 'fast-check';
import { math } from '@evenkeel/pricing';
import {
  hedgedLogContract,
  logContractDelta,
  logContractDollarGamma,
  logPayoff,
  varianceUnitsOfVega,
} from './log-contract';
import { observeSpot, startTracker } from './realised-tracker';

describe('a log contract', () => {
  it('has the delta and the constant dollar gamma of its payoff', () => {
    for (const spot of [60, 90, 100, 140]) {
      const h = spot * 1e-4;
      const at = (x: number): number => logPayoff(x, 95, 0.25);
      expect((at(spot + h) - at(spot - h)) / (2 * h)).toBeCloseTo(logContractDelta(spot, 95, 0.25), 6);
      const gamma = (at(spot + h) - 2 * at(spot) + at(spot - h)) / (h * h);
      expect(gamma * spot * spot).toBeCloseTo(logContractDollarGamma(0.25), 4);
    }
  });

  it('hedged at every step pays realised variance, whatever the path, but for cubes of the moves', () => {
    const moves = fc.array(
      fc.integer({ min: -20, max: 20 }).map((n) => n / 1000),
      { minLength: 5, maxLength: 60 },
    );
    fc.assert(
      fc.property(moves, (steps) => {
        const years = 30 / 365;
        const spots = [100];
        let [realised, cubes] = [0, 0];
        for (const step of steps) {
          spots.push((spots[spots.length - 1] ?? 0) * math.exp(step));
          realised += step * step;
          cubes += Math.abs(step * step * step);
        }
        const paid = hedgedLogContract(spots, years);
        expect(Math.abs(paid - realised / years)).toBeLessThanOrEqual((cubes / years) * 0.4 + 1e-12);
        // The same by holding the payoff and trading its delta.
        const last = spots[spots.length - 1] ?? 0;
        let hedge = 0;
        for (let i = 1; i < spots.length; i += 1)
          hedge -= logContractDelta(spots[i - 1] ?? 0, 100, years) * ((spots[i] ?? 0) - (spots[i - 1] ?? 0));
        expect(logPayoff(last, 100, years) + hedge).toBeCloseTo(paid, 9);
      }),
      { seed: 13, numRuns: 200 },
    );
  });

  it('gains the wanted vega at its strike', () => {
    const units = varianceUnitsOfVega(150_000, 0.45);
    expect(units * (0.46 * 0.46 - 0.44 * 0.44)).toBeCloseTo(150_000 * 0.02, 6);
  });
});

describe('realised volatility as it is watched', () => {
  const HOUR = 1 / 8760;

  it('finds the variance of steady moves, passing over what comes too soon', () => {
    let tracker = startTracker(100, 0);
    let spot = 100;
    for (let hour = 1; hour <= 500; hour += 1) {
      spot *= hour % 2 === 0 ? math.exp(0.005) : math.exp(-0.005);
      tracker = observeSpot(tracker, spot, hour * HOUR, HOUR * 0.999, 72 * HOUR);
      tracker = observeSpot(tracker, spot * 3, (hour + 0.5) * HOUR, HOUR * 0.999, 72 * HOUR);
    }
    expect(Math.sqrt(tracker.variance)).toBeCloseTo(0.005 * Math.sqrt(8760), 9);
    expect(tracker.observed).toBeCloseTo(500 * HOUR, 9);
  });

  it('forgets with its half-life', () => {
    let tracker = { spot: 100, at: 0, variance: 1, observed: 10 };
    for (let hour = 1; hour <= 72; hour += 1)
      tracker = { ...observeSpot(tracker, 100, hour * HOUR, HOUR * 0.999, 72 * HOUR) };
    expect(tracker.variance).toBeCloseTo(0.5, 6);
  });
});
