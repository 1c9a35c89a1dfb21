import { createRandom } from '@evenkeel/kernel';
import { math } from '@evenkeel/pricing';
import { solveOptionIndifference } from './option-band';

const { abs, max, min, sqrt } = Math;
const AVERSION = 10;
const COST = 0.01;
const VOLATILITY = 0.2;
const PATHS = 3000;
const STEPS = 100;

/**
 * Certainty-equivalent loss of being short a call of strike 1 and a year, hedged inside `scale` × the solved region: an account of
 * its own, by simulation, with the same paths for every scale.
 */
function certaintyEquivalent(scale: number): number {
  const region = solveOptionIndifference({
    quantity: -1,
    strike: 1,
    volatility: VOLATILITY,
    expiryYears: 1,
    cost: COST,
    riskAversion: AVERSION,
    steps: 200,
  });
  const random = createRandom('certainty');
  const { normInv, normCdf, exp, log } = math;
  const step = VOLATILITY / sqrt(STEPS);
  let utility = 0;
  for (let path = 0; path < PATHS; path += 1) {
    let forward = 1;
    let shares = 0.5;
    let wealth = 0;
    for (let index = 0; index < STEPS; index += 1) {
      const years = 1 - index / STEPS;
      const spread = VOLATILITY * sqrt(years);
      const delta = normCdf(log(forward) / spread + spread / 2);
      const { lower, upper } = region.bandAt(forward, years);
      const exposure = shares - delta;
      const kept = min(max(exposure, lower * scale), upper * scale);
      wealth -= COST * forward * abs(kept - exposure);
      shares += kept - exposure;
      const next = forward * exp(step * normInv(random.next() * 0.999998 + 1e-6) - (step * step) / 2);
      wealth += shares * (next - forward);
      forward = next;
    }
    utility += exp(-AVERSION * (wealth - max(forward - 1, 0)));
  }
  return log(utility / PATHS) / AVERSION;
}

describe('the solved region, by simulation', () => {
  it('costs less certainty-equivalent than half of it, than twice of it, and than no band at all', () => {
    const best = certaintyEquivalent(1);
    const [tight, half, twice] = [
      certaintyEquivalent(0.02),
      certaintyEquivalent(0.5),
      certaintyEquivalent(2),
    ];
    expect(best).toBeLessThan(half);
    expect(best).toBeLessThan(twice);
    expect(half).toBeLessThan(tight);
    // And not by chance: tens of the noise that the same paths leave in a difference.
    expect(tight - best).toBeGreaterThan(0.005);
  });
});
