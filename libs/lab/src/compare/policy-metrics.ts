import { assert } from '@evenkeel/kernel';
import { DEFAULT_BOOTSTRAP, estimate, resampledHours } from './block-bootstrap';
import type { BootstrapPlan, Estimate } from './block-bootstrap';
import type { HedgeOutcome, HourlyPoint } from './hedge-outcome';

/** One policy over one book, on one market or many. Money in the numeraire. */
export interface PolicyMetrics {
  readonly policy: string;
  readonly book: string;
  readonly numeraire: string;
  readonly markets: number;
  readonly hours: number;
  /** Over the whole span, summed over markets. */
  readonly pnl: number;
  readonly unhedgedPnl: number;
  readonly fees: number;
  readonly slippage: number;
  readonly funding: number;
  readonly turnoverUsd: number;
  readonly fills: number;
  /** Fees and slippage per day. */
  readonly costPerDay: Estimate;
  /** Standard deviation of hourly changes of the hedged P&L, before trading costs, scaled to a day by √24. */
  readonly residualPerDay: Estimate;
  /** Variance of those changes over that of the unhedged book. */
  readonly varianceRatio: number;
  /** The largest loss within one hour, costs included; negative. */
  readonly worstHour: number;
  /** costPerDay + ½ × risk aversion × residualPerDay²: what is minimised where one number is asked for. */
  readonly score: Estimate;
  /** No other policy has both less cost and less residual risk. */
  readonly efficient: boolean;
  /** Score less the reference policy’s on the same hours; absent for the reference itself. */
  readonly againstReference?: Estimate;
}

export interface MetricsOptions {
  /** Per unit of numeraire. */
  readonly riskAversion: number;
  /** Hours at the start of each market that are left out (walk-forward: the hours that fitting has seen). */
  readonly skipHours?: number;
  readonly bootstrap?: BootstrapPlan;
  /** Policy that the others’ scores are set against; the first by default. */
  readonly reference?: string;
}

export interface NamedOutcomes {
  readonly policy: string;
  /** One per market, in the same order for every policy. */
  readonly outcomes: readonly HedgeOutcome[];
}

interface Changes {
  /** Hedged P&L plus the costs taken out of it. */
  readonly gross: Float64Array;
  readonly net: Float64Array;
  readonly unhedged: Float64Array;
  readonly cost: Float64Array;
}

const HOURS_PER_DAY = 24;

/** Weighs policies of one book against one another on the same hours. */
export function metricsOf(policies: readonly NamedOutcomes[], options: MetricsOptions): PolicyMetrics[] {
  const plan = options.bootstrap ?? DEFAULT_BOOTSTRAP;
  const skip = options.skipHours ?? 0;
  const changes = policies.map(({ outcomes }) => changesOf(outcomes, skip));
  const lengths = commonLengths(policies, skip);
  const samples = resampledHours(lengths, plan);
  const hours = lengths.reduce((sum, length) => sum + length, 0);
  const reference = Math.max(
    0,
    policies.findIndex(({ policy }) => policy === options.reference),
  );
  const score = (of: Changes, indices: Int32Array): number => {
    const residual = deviation(of.gross, indices);
    return (
      mean(of.cost, indices) * HOURS_PER_DAY +
      0.5 * options.riskAversion * residual * residual * HOURS_PER_DAY
    );
  };
  const rows = policies.map(({ policy, outcomes }, index): PolicyMetrics => {
    const own = changes[index] ?? changesOf([], 0);
    const base = changes[reference] ?? own;
    const over = (statistic: (indices: Int32Array) => number): Estimate =>
      estimate(hours, samples, plan.confidence, statistic);
    return {
      ...totalsOf(policy, outcomes, skip),
      hours,
      costPerDay: over((indices) => mean(own.cost, indices) * HOURS_PER_DAY),
      residualPerDay: over((indices) => deviation(own.gross, indices) * Math.sqrt(HOURS_PER_DAY)),
      varianceRatio: ratio(own),
      worstHour: own.net.reduce((worst, value) => Math.min(worst, value), 0),
      score: over((indices) => score(own, indices)),
      efficient: false,
      ...(index === reference
        ? {}
        : { againstReference: over((indices) => score(own, indices) - score(base, indices)) }),
    };
  });
  return markEfficient(rows);
}

/** The rows that no other row beats in both cost and residual risk. */
export function markEfficient(rows: readonly PolicyMetrics[]): PolicyMetrics[] {
  const beats = (a: PolicyMetrics, b: PolicyMetrics): boolean => {
    const [cost, risk] = [
      difference(a.costPerDay.value, b.costPerDay.value),
      difference(a.residualPerDay.value, b.residualPerDay.value),
    ];
    return cost <= 0 && risk <= 0 && (cost < 0 || risk < 0);
  };
  return rows.map((row) => ({ ...row, efficient: !rows.some((other) => beats(other, row)) }));
}

/** a − b; nought where they are the same but for the last digits, as of one policy under two names. */
function difference(a: number, b: number): number {
  return Math.abs(a - b) <= 1e-9 * Math.max(Math.abs(a), Math.abs(b)) ? 0 : a - b;
}

function commonLengths(policies: readonly NamedOutcomes[], skip: number): number[] {
  const [first] = policies;
  if (first === undefined) return [];
  return first.outcomes.map((_, market) => {
    const lengths = policies.map(({ outcomes }) => (outcomes[market]?.hours.length ?? 1) - 1 - skip);
    const shortest = Math.min(...lengths);
    assert(shortest === Math.max(...lengths), 'policies are compared over the same hours');
    return Math.max(0, shortest);
  });
}

function changesOf(outcomes: readonly HedgeOutcome[], skip: number): Changes {
  const gross: number[] = [];
  const net: number[] = [];
  const unhedged: number[] = [];
  const cost: number[] = [];
  for (const { hours } of outcomes) {
    for (let hour = skip + 1; hour < hours.length; hour += 1) {
      const [before, after] = [hours[hour - 1], hours[hour]];
      if (before === undefined || after === undefined) continue;
      const paid = costOf(after) - costOf(before);
      net.push(after.hedged - before.hedged);
      gross.push(after.hedged - before.hedged + paid);
      unhedged.push(after.unhedged - before.unhedged);
      cost.push(paid);
    }
  }
  const typed = (values: readonly number[]): Float64Array => Float64Array.from(values);
  return { gross: typed(gross), net: typed(net), unhedged: typed(unhedged), cost: typed(cost) };
}

const costOf = ({ fees, slippage }: HourlyPoint): number => fees + slippage;

type Totals = Pick<
  PolicyMetrics,
  | 'policy'
  | 'book'
  | 'numeraire'
  | 'markets'
  | 'pnl'
  | 'unhedgedPnl'
  | 'fees'
  | 'slippage'
  | 'funding'
  | 'turnoverUsd'
  | 'fills'
>;

function totalsOf(policy: string, outcomes: readonly HedgeOutcome[], skip: number): Totals {
  const over = (read: (point: HourlyPoint) => number): number =>
    outcomes.reduce((sum, { hours }) => {
      const [from, to] = [hours[skip], hours[hours.length - 1]];
      return from === undefined || to === undefined ? sum : sum + read(to) - read(from);
    }, 0);
  const [first] = outcomes;
  return {
    policy,
    book: first?.book ?? '',
    numeraire: first?.numeraire ?? '',
    markets: outcomes.length,
    pnl: over(({ hedged }) => hedged),
    unhedgedPnl: over(({ unhedged }) => unhedged),
    fees: over(({ fees }) => fees),
    slippage: over(({ slippage }) => slippage),
    funding: over(({ funding }) => funding),
    turnoverUsd: over(({ turnoverUsd }) => turnoverUsd),
    fills: over(({ fills }) => fills),
  };
}

function mean(values: Float64Array, indices: Int32Array): number {
  let sum = 0;
  for (const index of indices) sum += values[index] ?? 0;
  return indices.length === 0 ? 0 : sum / indices.length;
}

function deviation(values: Float64Array, indices: Int32Array): number {
  if (indices.length < 2) return 0;
  const centre = mean(values, indices);
  let squares = 0;
  for (const index of indices) squares += ((values[index] ?? 0) - centre) ** 2;
  return Math.sqrt(squares / (indices.length - 1));
}

function ratio({ gross, unhedged }: Changes): number {
  const all = Int32Array.from({ length: gross.length }, (_, index) => index);
  const bare = deviation(unhedged, all);
  const hedged = deviation(gross, all);
  return bare === 0 ? 0 : (hedged * hedged) / (bare * bare);
}
