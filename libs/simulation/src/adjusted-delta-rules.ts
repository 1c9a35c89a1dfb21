import { lelandVolatility, whalleyWilmottHalfBand } from '@evenkeel/hedging';
import { math } from '@evenkeel/pricing';
import type { PathKernel } from '@evenkeel/pricing';
import type { RuleFactory, RuleTerms, StepView } from './hedge-rule';
import { yearsOf } from './interval-years';
import { numberOf, toNearestEdge } from './rule-parts';
import { firstsOfIntervals } from './time-grid';

/**
 * At intervals to the delta at Leland's volatility, by the sign of the book's gamma on each path. Where costs eat all that long
 * gamma earns the policy refuses to trade, and so does this.
 */
export function lelandRule(terms: RuleTerms): RuleFactory {
  const { modelVolatility: volatility, costs, watch } = terms.config.hedge;
  const intervalYears = yearsOf(terms.policy['interval']) ?? watch;
  const due = firstsOfIntervals(terms.grid, intervalYears);
  const at = (gamma: number): number =>
    lelandVolatility({ volatility, cost: costs.proportional, intervalYears, gamma });
  const [short, long] = volatility > 0 ? [at(-1), at(1)] : [0, 0];
  return (paths) => {
    const adjusted = paths.column();
    const delta = paths.column();
    return {
      decide: (view, held, wanted) => {
        wanted.set(held);
        if (due[view.step] !== true) return;
        const of = (i: number): number => {
          const gamma = view.gamma[i] ?? 0;
          return gamma < 0 ? short : gamma > 0 ? long : volatility;
        };
        for (let i = 0; i < delta.length; i += 1) adjusted[i] = Number.isFinite(of(i)) ? of(i) : volatility;
        view.pricer.deltaAt(view.time, view.spot, adjusted, delta);
        for (let i = 0; i < delta.length; i += 1) if (Number.isFinite(of(i))) wanted[i] = -(delta[i] ?? 0);
      },
    };
  };
}

/** Gauss–Hermite nodes and weights of a standard normal, five points. */
const NODES: readonly (readonly [number, number])[] = [
  [-2.8569700138728056, 0.011257411327720689],
  [-1.3556261799742657, 0.22207592200561263],
  [0, 0.5333333333333333],
  [1.3556261799742657, 0.22207592200561263],
  [2.8569700138728056, 0.011257411327720689],
];

interface Jumps {
  readonly intensity: number;
  readonly mean: number;
  readonly deviation: number;
}

/**
 * The delta that leaves the least variance, within a band around it: vega × β/S of the spot–vol slope between jumps, and
 * E[ΔV·J]/E[J²] over them, averaged by the variance each brings (as the policy does, here from the kernel's batch).
 */
export function minimumVarianceRule(terms: RuleTerms): RuleFactory {
  const { modelVolatility, costs } = terms.config.hedge;
  const rate = terms.config.market.r;
  const slope = numberOf(terms, 'volBeta');
  const jumps = jumpsOf(terms.policy['jumps']);
  const band = terms.policy['band'] === undefined ? undefined : numberOf(terms, 'band');
  const riskAversion = band === undefined ? numberOf(terms, 'riskAversion') : 0;
  return (paths) => {
    const half = paths.column().fill(band ?? 0);
    const centre = paths.column();
    const jumpRatio = jumps === undefined ? undefined : createJumpRatio(jumps, paths);
    const inDiffusion = modelVolatility * modelVolatility;
    const share = jumpRatio === undefined ? 0 : jumpRatio.variance / (inDiffusion + jumpRatio.variance);
    return {
      decide: (view, held, wanted) => {
        const bent = jumpRatio?.ratios(view);
        for (let i = 0; i < half.length; i += 1) {
          const delta = view.delta[i] ?? 0;
          const smile = ((view.vega[i] ?? 0) * slope) / (view.spot[i] ?? 1);
          centre[i] = delta + (1 - share) * smile + share * (bent === undefined ? 0 : (bent[i] ?? 0) - delta);
        }
        if (band === undefined) {
          const { expiryYears } = view;
          const inputs = { cost: costs.proportional, spot: 1, gamma: 1, riskAversion, rate, expiryYears };
          const unit = whalleyWilmottHalfBand(inputs);
          const roots = view.gammaCubeRoot();
          for (let i = 0; i < half.length; i += 1) half[i] = unit * (roots[i] ?? 0);
        }
        toNearestEdge(centre, half, held, wanted);
      },
    };
  };
}

interface JumpRatio {
  /** λE[J²], per year. */
  readonly variance: number;
  /** E[ΔV·J]/(S·E[J²]) of every path, units of the underlying. */
  ratios(view: StepView): Float64Array;
}

function createJumpRatio({ intensity, mean, deviation }: Jumps, paths: PathKernel): JumpRatio {
  const sizes = NODES.map(([node, weight]) => ({ jump: math.expm1(mean + deviation * node), weight }));
  const squared = sizes.reduce((sum, { jump, weight }) => sum + weight * jump * jump, 0);
  const spot = paths.column();
  const after = paths.column();
  const ratios = paths.column();
  return {
    variance: intensity * squared,
    ratios: (view) => {
      ratios.fill(0);
      const value = view.value();
      for (const { jump, weight } of sizes) {
        for (let i = 0; i < spot.length; i += 1) spot[i] = (view.spot[i] ?? 0) * (1 + jump);
        view.pricer.value(view.time, spot, { value: after });
        for (let i = 0; i < spot.length; i += 1) {
          const gain = (after[i] ?? 0) - (value[i] ?? 0);
          ratios[i] = (ratios[i] ?? 0) + (weight * jump * gain) / ((view.spot[i] ?? 1) * squared);
        }
      }
      return ratios;
    },
  };
}

/** Jumps as the registry has checked them. */
function jumpsOf(written: unknown): Jumps | undefined {
  if (typeof written !== 'object' || written === null) return undefined;
  // The registry's parser has seen that these are numbers, or text of them.
  const fields = written as Readonly<Record<string, unknown>>;
  const number = (name: string): number => Number(fields[name] ?? 0);
  const jumps = { intensity: number('intensity'), mean: number('mean'), deviation: number('deviation') };
  const moves = jumps.intensity > 0 && (jumps.mean !== 0 || jumps.deviation > 0);
  return moves ? jumps : undefined;
}
