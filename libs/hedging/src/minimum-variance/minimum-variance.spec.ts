import { createRandom } from '@evenkeel/kernel';
import { math, priceBlack76 } from '@evenkeel/pricing';
import { boundedBeta, shrunkBeta } from './vol-beta';
import { BTC_PERP, createProgram, exposureOfLegs, markOf, only, straddleLegs } from '../../test/scenario';

const hour = (index: number): string =>
  `2026-01-${String(1 + Math.floor(index / 24)).padStart(2, '0')}T${String(index % 24).padStart(2, '0')}:00:00Z`;

function ingredientsIn(
  said: ReturnType<ReturnType<typeof createProgram>['snapshot']>,
): Record<string, number> {
  const decision = only(said, 'HedgeDecided');
  return Object.fromEntries(
    decision.assessments[0]?.ingredients.map(({ name, value }) => [name, value]) ?? [],
  );
}

describe('minimum-variance by the smile', () => {
  it('adds vega times the given slope over spot to delta', () => {
    const legs = straddleLegs(-10);
    const program = createProgram({ kind: 'minimum-variance', band: '0.01', volBeta: '-1.5' });
    const exposure = exposureOfLegs(legs, { delta: 3 });
    const decision = only(program.snapshot(hour(0), [exposure], { legs }), 'HedgeDecided');
    const shift = ((exposure.vega ?? 0) * -1.5) / 90_000;
    expect(shift).toBeGreaterThan(0.5);
    const [assessed] = decision.assessments;
    expect(((assessed?.bandLower ?? 0) + (assessed?.bandUpper ?? 0)) / 2).toBeCloseTo(-shift, 9);
    expect(Math.abs((assessed?.exposureAfter ?? 0) + shift)).toBeLessThanOrEqual(0.01);
  });

  it('measures the slope from the legs’ own marks, and waits until it has seen enough of them', () => {
    const program = createProgram({
      kind: 'minimum-variance',
      band: '0.01',
      prior: '-0.2',
      minimumSamples: 12,
      halfLife: 50,
    });
    const random = createRandom('slope');
    let spot = 90_000;
    let volatility = 0.45;
    let found: Record<string, number> = {};
    for (let index = 0; index < 60; index += 1) {
      const move = 0.02 * (random.next() - 0.5);
      spot *= math.exp(move);
      volatility += -0.8 * move + 0.001 * (random.next() - 0.5);
      const time = hour(index);
      const legs = straddleLegs(-10, { spot, volatility, volatilityTime: time });
      const marks = [markOf('BTC@composite', spot, time), markOf(BTC_PERP, spot, time)];
      // A delta that asks for a trade every time, so that every evaluation is on record.
      const said = program.snapshot(
        time,
        [exposureOfLegs(legs, { spot, delta: (index % 2) * 40 - 20 + index })],
        {
          legs,
          marks,
        },
      );
      found = ingredientsIn(said);
      if (index === 5) expect(found['spot–vol slope']).toBe(-0.2);
      program.reload();
    }
    expect(found['observations']).toBe(59);
    expect(found['spot–vol slope']).toBeCloseTo(-0.8, 1);
    expect(found['spot–vol correlation']).toBeLessThan(-0.95);
    expect(Math.abs((found['spot–vol slope'] ?? 0) + 0.8)).toBeLessThan(
      4 * (found['its standard error'] ?? 0),
    );
  });

  it('draws a slope that is not told from its prior to it, and leaves one that is', () => {
    const at = (beta: number, prior = 0, significance = 2): number =>
      shrunkBeta({ beta, standardError: 0.2 }, prior, significance);
    expect(at(-0.39)).toBeCloseTo(0, 12);
    expect(at(-0.8)).toBeCloseTo(-0.8 * 0.75, 12);
    expect(at(-8)).toBeCloseTo(-8 * (1 - 0.0025), 12);
    expect(at(0.3, 0.1)).toBeCloseTo(0.1, 12);
    expect(at(-0.39, 0, 0)).toBe(-0.39);
    expect(at(0.1, 0.1)).toBe(0.1);
  });

  it('keeps a measured slope within its bound of the prior, and to the bit where there is none', () => {
    expect(boundedBeta(-1.3, 0, 0.5)).toBe(-0.5);
    expect(boundedBeta(0.9, -0.2, 0.5)).toBe(0.3);
    expect(boundedBeta(-0.1, -0.2, 0.5)).toBe(-0.1);
    expect(boundedBeta(-0.1 - 1e-17, 0.7, Infinity)).toBe(-0.1 - 1e-17);
    const program = createProgram({
      kind: 'minimum-variance',
      band: '0.01',
      minimumSamples: 2,
      bound: '0.5',
    });
    let found: Record<string, number> = {};
    for (let index = 0; index < 6; index += 1) {
      const spot = 90_000 * (1 - 0.01 * index);
      const time = hour(index);
      const legs = straddleLegs(-10, { spot, volatility: 0.45 + 0.03 * index, volatilityTime: time });
      const marks = [markOf('BTC@composite', spot, time), markOf(BTC_PERP, spot, time)];
      const exposure = exposureOfLegs(legs, { spot, delta: (index % 2) * 40 - 20 });
      found = ingredientsIn(program.snapshot(time, [exposure], { legs, marks }));
      program.reload();
    }
    expect(found['observations']).toBe(5);
    expect(found['spot–vol slope']).toBe(-0.5);
  });

  it('takes no new look at marks that are as old as before', () => {
    const program = createProgram({ kind: 'minimum-variance', band: '0.01', minimumSamples: 2 });
    const legs = straddleLegs(-10);
    program.snapshot(hour(0), [exposureOfLegs(legs, { delta: 1 })], { legs });
    const again = program.snapshot(hour(1), [exposureOfLegs(legs, { delta: 5 })], { legs });
    expect(ingredientsIn(again)['observations']).toBe(0);
  });

  it('reads the skew of the book’s own marks and how far it sticks', () => {
    const slope = -0.4;
    const strikes = [80_000, 90_000, 100_000];
    const legs = strikes.flatMap((strike) =>
      straddleLegs(-5, { strike, volatility: 0.45 + slope * math.log(strike / 90_000) }),
    );
    const program = createProgram({
      kind: 'minimum-variance',
      band: '0.01',
      volBeta: 'skew',
      stickiness: '1.5',
    });
    const said = program.snapshot(hour(0), [exposureOfLegs(legs, { delta: 3, volatility: 0.45 })], { legs });
    expect(ingredientsIn(said)['spot–vol slope']).toBeCloseTo(0.5 * slope, 9);
  });
});

describe('minimum-variance by jumps', () => {
  const jumps = { intensity: 50, mean: -0.04, deviation: 0.05 };

  /** Variance per year of options and hedge: diffusion with a flat smile, and jumps by Monte Carlo. */
  function variance(hedge: number, sizes: readonly number[]): number {
    const S = 90_000;
    const legs = straddleLegs(-10, { strike: 85_000 });
    const delta = exposureOfLegs(legs).delta ?? 0;
    const diffusive = (delta + hedge) * S * 0.45;
    let squares = 0;
    for (const J of sizes) {
      let profit = hedge * S * J;
      for (const leg of legs) {
        const type = leg.instrument.endsWith('C@deribit') ? 'call' : 'put';
        const after = priceBlack76({ type, F: S * (1 + J), K: 85_000, T: 0.02, sigma: 0.45, r: 0 }).value;
        profit += -10 * after - leg.value;
      }
      squares += (profit * profit) / sizes.length;
    }
    return diffusive * diffusive + jumps.intensity * squares;
  }

  it('leaves less variance than model delta, and than a hedge a little to either side', () => {
    const random = createRandom('jumps');
    const sizes = Array.from({ length: 4000 }, () =>
      math.expm1(
        jumps.mean + jumps.deviation * math.normInv(Math.min(Math.max(random.next(), 1e-9), 1 - 1e-9)),
      ),
    );
    const legs = straddleLegs(-10, { strike: 85_000 });
    const exposure = exposureOfLegs(legs);
    const program = createProgram({ kind: 'minimum-variance', band: '0.001', volBeta: '0', jumps });
    const said = program.snapshot(hour(0), [exposure], { legs });
    const found = ingredientsIn(said);
    const shift = found['delta shift by jumps'] ?? 0;
    expect(Math.abs(shift)).toBeGreaterThan(0.1);
    const best = -((exposure.delta ?? 0) + shift);
    expect(variance(best, sizes)).toBeLessThan(0.98 * variance(-(exposure.delta ?? 0), sizes));
    expect(variance(best, sizes)).toBeLessThan(variance(best + 0.5, sizes));
    expect(variance(best, sizes)).toBeLessThan(variance(best - 0.5, sizes));
    expect(found['share of variance in jumps']).toBeGreaterThan(0.2);
  });
});
