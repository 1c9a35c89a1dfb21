import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { itWithSharedData, sharedDir } from '@evenkeel/testkit';
import { math } from '../math';
import { sabrVolatility } from './sabr';
import { sabrFiniteDifferenceValue } from './sabr-finite-difference';

interface SimulatedCase {
  readonly id: string;
  readonly inputs: {
    type: 'call' | 'put';
    F: number;
    K: number;
    T: number;
    alpha: number;
    beta: number;
    nu: number;
    rho: number;
  };
  readonly expected: { richardson: number };
  readonly tolerance: number;
}

const published = itWithSharedData('validation');
const file = join(sharedDir() ?? '', 'validation', 'ql_sabr_oosterlee_mc.json');

function black(forward: number, strike: number, deviation: number): number {
  const d1 = math.log(forward / strike) / deviation + deviation / 2;
  return forward * math.normCdf(d1) - strike * math.normCdf(d1 - deviation);
}

describe('SABR by finite differences', () => {
  published('agrees with the nine simulated prices', () => {
    const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: SimulatedCase[] }; // the file's documented shape
    expect(cases).toHaveLength(9);
    for (const c of cases) {
      const point = { forward: c.inputs.F, strike: c.inputs.K, years: c.inputs.T };
      const value = sabrFiniteDifferenceValue(c.inputs, point, c.inputs.type);
      expect(Math.abs(value - c.expected.richardson)).toBeLessThanOrEqual(c.tolerance);
    }
  });

  it('moves by less than 2e-4 of the forward when the grid is refined', () => {
    const parameters = { alpha: 0.4, beta: 0.4, nu: 0.8, rho: -0.6 };
    const point = { forward: 0.07, strike: 0.07, years: 5 };
    const coarse = sabrFiniteDifferenceValue(parameters, point, 'call');
    const fine = sabrFiniteDifferenceValue(parameters, point, 'call', {
      forwardNodes: 300,
      volatilityNodes: 120,
      timeSteps: 90,
    });
    expect(Math.abs(coarse - fine)).toBeLessThan(2e-4 * point.forward);
  });

  it('is Black with β = 1 and no volatility of volatility', () => {
    const value = sabrFiniteDifferenceValue(
      { alpha: 0.5, beta: 1, nu: 0, rho: 0 },
      { forward: 100, strike: 110, years: 1 },
      'call',
    );
    expect(Math.abs(value - black(100, 110, 0.5))).toBeLessThan(5e-3);
  });

  it('confirms the expansions where they hold: a short expiry', () => {
    const parameters = { alpha: 0.3, beta: 0.7, nu: 0.6, rho: -0.3 };
    for (const strike of [0.9, 1, 1.1]) {
      const point = { forward: 1, strike, years: 0.25 };
      const value = sabrFiniteDifferenceValue(parameters, point, 'call');
      const expansion = black(1, strike, sabrVolatility(parameters, point, 'andersen') * Math.sqrt(0.25));
      expect(Math.abs(value - expansion)).toBeLessThan(1e-4);
    }
  });

  it('keeps put–call parity and a call between intrinsic and the forward', () => {
    const parameters = { alpha: 0.4, beta: 0.4, nu: 0.8, rho: -0.6 };
    const point = { forward: 0.07, strike: 0.1, years: 10 };
    const call = sabrFiniteDifferenceValue(parameters, point, 'call');
    const put = sabrFiniteDifferenceValue(parameters, point, 'put');
    expect(call - put).toBeCloseTo(point.forward - point.strike, 14);
    expect(call).toBeGreaterThan(0);
    expect(call).toBeLessThan(point.forward);
  });
});
