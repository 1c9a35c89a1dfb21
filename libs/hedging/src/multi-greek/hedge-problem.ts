import type { ExpectedCost } from '@evenkeel/facts';
import type { HedgeInstrument } from '../hedge-instrument';
import { crossVariance } from './factor-risk';

// Taken once: these are the hot loops.
const { abs, max, min, sqrt } = Math;

/** What trading and holding one contract is expected to cost until the horizon, numeraire. */
export interface ContractCost {
  /** Per contract traded, not negative. */
  readonly fee: number;
  /** Per contract traded, not negative. */
  readonly spread: number;
  /** Per contract², not negative: temporary impact linear in size. */
  readonly impactLinear: number;
  /** Per contract^1.5, not negative: the square-root law. */
  readonly impactSquareRoot: number;
  /** Per contract bought: funding paid, or basis lost, until the horizon; negative when received. */
  readonly carry: number;
  /** Capital that a contract held ties up, long and short. */
  readonly capitalLong: number;
  readonly capitalShort: number;
  /** Cost of that capital until the horizon, fraction. */
  readonly capitalCost: number;
  /** Per order. */
  readonly gas: number;
  /** Variance of the fill price while the order waits, numeraire² per contract². */
  readonly waitingVariance: number;
}

/** An instrument as the joint program meets it. Contracts throughout. */
export interface HedgeChoice {
  readonly instrument: HedgeInstrument;
  readonly loading: readonly number[];
  readonly cost: ContractCost;
  /** Factor on what the first contract must gain: 2 while the price is DEGRADED. */
  readonly patience: number;
  /** Held now, with what is in flight. */
  readonly position: number;
  /** At most this many contracts a decision (liquidity). */
  readonly tradeMax: number;
  /** |position after| at most this. */
  readonly positionMax: number;
  readonly lot: number;
  readonly lotsMin: number;
}

/** |current + Σ perContract·x| ≤ limit. */
export interface LinearLimit {
  readonly name: string;
  readonly current: number;
  readonly perContract: readonly number[];
  readonly limit: number;
}

export interface HedgeProblem {
  readonly choices: readonly HedgeChoice[];
  readonly exposure: readonly number[];
  readonly correlation: readonly (readonly number[])[];
  /** Absolute, per unit of numeraire. */
  readonly riskAversion: number;
  readonly greekLimits: readonly LinearLimit[];
  /** Numeraire; infinite without. */
  readonly marginMax: number;
  /** Capital that the rest of the account needs, on top of these positions. */
  readonly marginOther: number;
}

export interface Judged {
  readonly cost: ExpectedCost;
  /** Standard deviation, numeraire. */
  readonly risk: number;
  readonly score: number;
}

/** Precomputed quadratic form of a problem, in contracts. */
export interface HedgeForm {
  readonly problem: HedgeProblem;
  /** λ(AᵀRA + waiting) + 2·impactLinear. */
  readonly quadratic: readonly (readonly number[])[];
  /** λAᵀRe. */
  readonly linear: readonly number[];
  /** eᵀRe. */
  readonly variance: number;
  /** AᵀRA and AᵀRe, the variance part alone. */
  readonly crossed: readonly (readonly number[])[];
  readonly against: readonly number[];
}

export function hedgeFormOf(problem: HedgeProblem): HedgeForm {
  const { choices, correlation, exposure, riskAversion } = problem;
  const crossed = choices.map((a, i) =>
    choices.map(
      (b, j) => crossVariance(correlation, a.loading, b.loading) + (i === j ? a.cost.waitingVariance : 0),
    ),
  );
  const against = choices.map(({ loading }) => crossVariance(correlation, loading, exposure));
  return {
    problem,
    crossed,
    against,
    quadratic: crossed.map((row, i) =>
      row.map((value, j) => riskAversion * value + (i === j ? 2 * (choices[i]?.cost.impactLinear ?? 0) : 0)),
    ),
    linear: against.map((value) => riskAversion * value),
    variance: crossVariance(correlation, exposure, exposure),
  };
}

export function capitalOf(choice: HedgeChoice, position: number): number {
  return position >= 0 ? position * choice.cost.capitalLong : -position * choice.cost.capitalShort;
}

/** Cost parts, risk and score of trading x contracts. */
export function judge(form: HedgeForm, x: readonly number[]): Judged {
  const { problem, crossed, against } = form;
  let [fee, spread, impact, funding, gas, margin] = [0, 0, 0, 0, 0, 0];
  let variance = form.variance;
  problem.choices.forEach((choice, i) => {
    const contracts = x[i] ?? 0;
    if (contracts === 0) return;
    const size = abs(contracts);
    const { cost, position } = choice;
    fee += cost.fee * size;
    spread += cost.spread * size;
    impact += cost.impactLinear * size * size + cost.impactSquareRoot * size * sqrt(size);
    funding += cost.carry * contracts;
    gas += cost.gas;
    margin += cost.capitalCost * (capitalOf(choice, position + contracts) - capitalOf(choice, position));
    variance += 2 * contracts * (against[i] ?? 0);
    const row = crossed[i] ?? [];
    for (let j = 0; j < x.length; j += 1) variance += contracts * (row[j] ?? 0) * (x[j] ?? 0);
  });
  const total = fee + spread + impact + funding + gas + margin;
  const positive = max(0, variance);
  return {
    cost: { fee, spread, impact, funding, gas, margin, total },
    risk: sqrt(positive),
    score: total + 0.5 * problem.riskAversion * positive,
  };
}

/** Most and least contracts that may be traded by position and liquidity limits; undefined when they contradict each other. */
export function tradeRange(
  choice: HedgeChoice,
): { readonly lower: number; readonly upper: number } | undefined {
  const lower = max(-choice.tradeMax, -choice.positionMax - choice.position);
  const upper = min(choice.tradeMax, choice.positionMax - choice.position);
  return lower <= upper ? { lower, upper } : undefined;
}

export interface Breach {
  readonly name: string;
  readonly limit: number;
  readonly observed: number;
}

const SLACK = 1e-9;

/** A limit of the account as it stands after a trade. */
export interface LimitReading extends Breach {
  readonly held: boolean;
}

/**
 * The limits on Greeks and margin after trading x, each with what was observed and whether it holds. `slack`: how far rounding may
 * carry an observation beyond a limit that holds, relative and absolute.
 */
export function readLimits(problem: HedgeProblem, x: readonly number[], slack = SLACK): LimitReading[] {
  const readings = problem.greekLimits.map((limit): LimitReading => {
    const observed = greekAt(limit, x);
    const held = abs(observed) <= limit.limit * (1 + slack) + slack;
    return { name: limit.name, limit: limit.limit, observed, held };
  });
  if (!Number.isFinite(problem.marginMax)) return readings;
  const observed = marginAt(problem, x);
  const held = observed <= problem.marginMax * (1 + slack);
  return [...readings, { name: 'margin', limit: problem.marginMax, observed, held }];
}

export function marginAt(problem: HedgeProblem, x: readonly number[]): number {
  return problem.choices.reduce(
    (sum, choice, i) => sum + capitalOf(choice, choice.position + (x[i] ?? 0)),
    problem.marginOther,
  );
}

export function greekAt(limit: LinearLimit, x: readonly number[]): number {
  return limit.perContract.reduce((sum, per, i) => sum + per * (x[i] ?? 0), limit.current);
}

/** The limits that hold no longer after trading x; empty when all do. */
export function breaches(problem: HedgeProblem, x: readonly number[]): Breach[] {
  const found: Breach[] = readLimits(problem, x).flatMap(({ held, ...reading }) => (held ? [] : [reading]));
  problem.choices.forEach((choice, i) => {
    const range = tradeRange(choice);
    const contracts = x[i] ?? 0;
    const { id } = choice.instrument;
    if (range === undefined)
      found.push({ name: `position ${id}`, limit: choice.positionMax, observed: choice.position });
    else if (contracts < range.lower - SLACK || contracts > range.upper + SLACK)
      found.push({
        name: `position or trade ${id}`,
        limit: choice.positionMax,
        observed: choice.position + contracts,
      });
  });
  return found;
}

/**
 * True when doing nothing is the continuous program's optimum: no limit is breached and no instrument's first contract
 * gains more than it costs. The multi-asset no-trade region, without solving anything.
 */
export function isQuiet(form: HedgeForm): boolean {
  const { problem } = form;
  const marginal = problem.choices.every(({ cost, position, patience }, i) => {
    const slope = (form.linear[i] ?? 0) + cost.carry;
    const way = (cost.fee + cost.spread) * patience;
    const longer = position >= 0 ? cost.capitalLong : -cost.capitalShort;
    const shorter = position > 0 ? -cost.capitalLong : cost.capitalShort;
    return slope + way + cost.capitalCost * longer >= 0 && -slope + way + cost.capitalCost * shorter >= 0;
  });
  return (
    marginal &&
    breaches(
      problem,
      problem.choices.map(() => 0),
    ).length === 0
  );
}
