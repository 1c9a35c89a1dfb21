import { math } from '@evenkeel/pricing';
import { varianceUnitsOfVega } from './variance-units';
import { observeSpot, startTracker } from './realised-tracker';

describe('a variance swap sized by vega', () => {
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
