import type { TickStep } from './table';

/** Of perpetuals: a price has at most this many places less those of a size. */
const PLACES = 6;
const FIGURES = 5;

/** `10^exponent` as decimal text. */
function powerOfTen(exponent: number): string {
  return exponent >= 0 ? `1${'0'.repeat(exponent)}` : `0.${'0'.repeat(-exponent - 1)}1`;
}

/**
 * Hyperliquid: a size has at most `sizeDecimals` places; a price has at most five significant figures and 6 − `sizeDecimals` places,
 * and a whole number is always valid. Prices of 10^k and above therefore move in steps of 10^(k − 4), no finer than the places and
 * no coarser than 1.
 */
export function fiveFigures(sizeDecimals: number): {
  readonly tickSize: string;
  readonly tickSteps: readonly TickStep[];
  readonly lotSize: string;
} {
  const finest = sizeDecimals - PLACES;
  const tickSteps: TickStep[] = [];
  for (let exponent = finest + 1; exponent <= 0; exponent += 1)
    tickSteps.push({ above: powerOfTen(exponent + FIGURES - 1), tick: powerOfTen(exponent) });
  return { tickSize: powerOfTen(finest), tickSteps, lotSize: powerOfTen(-sizeDecimals) };
}
