import { math } from '@evenkeel/pricing';
import type { HedgeBand } from '../bands/hedge-band';
import type { IndifferenceLattice, IndifferenceLevel } from './solver';
import { solveLattice } from './solver';

// Asked for once: a look-up on the global object in these loops costs more than the arithmetic in some hosts.
const { abs, floor, max, min, round, sqrt } = Math;

export interface OptionIndifferenceInputs {
  /** Contracts of one unit each, signed; a put has the same band as the call of its strike and expiry. */
  readonly quantity: number;
  readonly strike: number;
  readonly volatility: number;
  readonly expiryYears: number;
  /** One-way proportional cost κ, fraction; positive. */
  readonly cost: number;
  /** Absolute risk aversion per unit of money at expiry. */
  readonly riskAversion: number;
  /** Moves of the finer of the two lattices; default 400. */
  readonly steps?: number;
}

export interface OptionIndifferenceBand {
  /**
   * Where exposure (options' own delta and hedge together, units of the underlying) may lie at a forward price and a time
   * to expiry. Outside of the solved range the nearest edge of it answers.
   */
  bandAt(forward: number, expiryYears: number): HedgeBand;
}

/**
 * The no-trade region of Hodges & Neuberger (1989) for one European option under proportional costs, solved backwards from
 * its expiry: an investor with exponential utility, driftless lognormal forward, nothing paid to close the hedge at expiry.
 * A lattice sees costs only at its moves, which narrows the region by about half a move's change of delta; two lattices,
 * one of a quarter of the moves, are extrapolated to none, outwards only: in the last moves before expiry the coarse one knows
 * no edges yet. Solve once, ask as often as wanted.
 */
export function solveOptionIndifference(inputs: OptionIndifferenceInputs): OptionIndifferenceBand {
  const { quantity, strike, volatility, expiryYears, cost, riskAversion } = inputs;
  const contracts = abs(quantity);
  const steps = max(16, 4 * round((inputs.steps ?? 400) / 4));
  const problem = {
    side: quantity < 0 ? -1 : 1,
    riskAversion: riskAversion * contracts * strike,
    cost,
    totalVariance: volatility * volatility * expiryYears,
  } as const;
  const fine = solveLattice(problem, steps, 1);
  const coarse = solveLattice(problem, steps / 4, 1);
  return {
    bandAt: (forward, years) => {
      const height = math.log(forward / strike);
      const variance = volatility * volatility * years;
      const near = boundsAt(fine, height, variance, problem.totalVariance);
      const far = boundsAt(coarse, height, variance, problem.totalVariance);
      return {
        lower: contracts * (near.lower + min(0, near.lower - far.lower)),
        upper: contracts * (near.upper + max(0, near.upper - far.upper)),
      };
    },
  };
}

function boundsAt(
  lattice: IndifferenceLattice,
  height: number,
  variance: number,
  totalVariance: number,
): HedgeBand {
  const { levels, middle } = lattice;
  const count = lattice.prices.length;
  const move = sqrt(totalVariance / levels.length);
  const place = min(max(height / move + middle, 0), count - 1);
  const column = min(floor(place), count - 2);
  const depth = min(max((variance / totalVariance) * levels.length - 1, 0), levels.length - 1);
  const row = min(floor(depth), levels.length - 2);
  const across = place - column;
  const along = depth - row;
  const read = (edge: (level: IndifferenceLevel) => Float64Array): number => {
    const at = (offset: number): number => {
      const edges = edge(levels[row + offset] as IndifferenceLevel); // row is below the last
      return (1 - across) * (edges[column] as number) + across * (edges[column + 1] as number); // column is below the last
    };
    return (1 - along) * at(0) + along * at(1);
  };
  return { lower: read((level) => level.lower), upper: read((level) => level.upper) };
}
