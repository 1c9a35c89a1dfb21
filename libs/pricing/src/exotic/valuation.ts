import type { FullValuation } from '../door/valuation';

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
