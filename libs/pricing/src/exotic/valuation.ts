import type { FullValuation, Valuation } from '../door/valuation';

/** The order in which the kernel leaves a value and its Greeks. */
const ORDER = [
  'value',
  'delta',
  'gamma',
  'vega',
  'theta',
  'rho',
  'dividendRho',
  'vanna',
  'volga',
  'charm',
  'speed',
  'zomma',
  'colour',
  'veta',
  'ultima',
  'dualDelta',
  'dualGamma',
] as const;

/** Reads the valuation that the last kernel call left behind. */
export function readValuation(result: Float64Array): FullValuation {
  const valuation: Record<string, number> = {};
  for (let i = 0; i < ORDER.length; i += 1) valuation[ORDER[i] as string] = result[i] as number;
  // ORDER has every field of a full valuation.
  return valuation as unknown as FullValuation;
}

/** A valuation whose Greeks up to second order, and speed, are always there. */
export type GridValuation = Valuation &
  Required<
    Pick<
      Valuation,
      'delta' | 'gamma' | 'vega' | 'theta' | 'rho' | 'dividendRho' | 'vanna' | 'volga' | 'charm' | 'speed'
    >
  >;

/** What a grid leaves behind: the first eleven, without dual and third-order volatility Greeks. */
export function readGridValuation(result: Float64Array): GridValuation {
  const full = readValuation(result);
  const { value, delta, gamma, vega, theta, rho, dividendRho, vanna, volga, charm, speed } = full;
  return { value, delta, gamma, vega, theta, rho, dividendRho, vanna, volga, charm, speed };
}
