import type { RiskSnapshotTaken } from '@evenkeel/facts';
import { math } from '@evenkeel/pricing';
import { jumpProfit, optionLegsOf } from '../policy/option-legs';
import type { UnderlyingView } from '../policy/policy';

/** Jumps of the underlying: how many a year, mean and standard deviation of their log size. */
export interface JumpSizes {
  readonly intensity: number;
  readonly mean: number;
  readonly deviation: number;
}

export interface HedgeRatio {
  /** What is added to model delta, units of the underlying. */
  readonly shift: number;
  /** Of it, because volatility moves with spot. */
  readonly smile: number;
  /** Of it, because options are not straight over a jump. */
  readonly jump: number;
  /** Share of the variance that comes in jumps. */
  readonly jumpShare: number;
}

/** Gauss–Hermite nodes and weights of a standard normal, five points. */
const NODES: readonly (readonly [number, number])[] = [
  [-2.8569700138728056, 0.011257411327720689],
  [-1.3556261799742657, 0.22207592200561263],
  [0, 0.5333333333333333],
  [1.3556261799742657, 0.22207592200561263],
  [2.8569700138728056, 0.011257411327720689],
];

/**
 * The delta whose hedge leaves the least variance. Between jumps a move dS/S takes volatility along by β·dS/S, which adds
 * vega·β/S (Bakshi, Cao & Chen 1997; Hull & White 2017). Over a jump J the best ratio is E[ΔV_J·J]/E[J²], from revaluing every
 * option after the jump. The two are averaged by the variance they bring: σ² and λE[J²] a year (Cont, Tankov & Voltchkova 2007).
 */
export function minimumVarianceRatio(
  snapshot: RiskSnapshotTaken,
  view: UnderlyingView,
  volBeta: number,
  jumps: JumpSizes | undefined,
): HedgeRatio {
  const drag = view.spot > 0 ? (view.vega * volBeta) / view.spot : 0;
  if (jumps === undefined || !(jumps.intensity > 0) || !(view.volatility > 0))
    return { shift: drag, smile: drag, jump: 0, jumpShare: 0 };
  const legs = optionLegsOf(snapshot, view);
  const ownCoin = view.underlying === snapshot.numeraire;
  let crossed = 0;
  let squared = 0;
  let inDiffusion = 0;
  for (const [node, weight] of NODES) {
    const jump = math.expm1(jumps.mean + jumps.deviation * node);
    const perUnit = ownCoin ? jump / (1 + jump) : jump;
    crossed += (weight * jumpProfit(snapshot, view, legs, jump) * perUnit) / view.spot;
    squared += weight * perUnit * perUnit;
  }
  for (const { leg } of legs) inDiffusion += leg.delta;
  const fromJumps = jumps.intensity * squared;
  const total = view.volatility * view.volatility + fromJumps;
  const jumpShare = total > 0 ? fromJumps / total : 0;
  const bent = squared > 0 ? crossed / squared - inDiffusion : 0;
  const smile = (1 - jumpShare) * drag;
  const jump = jumpShare * bent;
  return { shift: smile + jump, smile, jump, jumpShare };
}
