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

/**
 * A value and its Greeks, raw: per unit of the underlying, per 1.00 of volatility or rate, per year. Theta, charm,
 * colour and veta are calendar Greeks, minus the derivative in time to expiry. Everything not named is held constant.
 */
export type Valuation = { readonly [Name in (typeof ORDER)[number]]: number };

/** Reads the valuation that the last kernel call left behind. */
export function readValuation(result: Float64Array): Valuation {
  const valuation: Record<string, number> = {};
  for (let i = 0; i < ORDER.length; i += 1) valuation[ORDER[i] as string] = result[i] as number;
  // Every name of ORDER was just set.
  return valuation as unknown as Valuation;
}
