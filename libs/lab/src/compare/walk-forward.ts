import { formatInstant } from '@evenkeel/kernel';
import type { Instant, Json } from '@evenkeel/kernel';
import { policyDraft } from '@evenkeel/engine';
import type { BookUnderManagement } from '@evenkeel/engine';
import type { PolicyChange } from '../in-process-run';
import type { HedgeOutcome } from './hedge-outcome';

/** Values to choose from, by the field of the policy that takes them. */
export type ParameterGrid = Readonly<Record<string, readonly Json[]>>;

/** A policy with fields that are fitted on the past before they are judged on what follows. */
export interface FittedPolicy {
  readonly policy: Readonly<Record<string, Json>>;
  readonly fit: ParameterGrid;
}

const VARIANTS_MAX = 200;

/** Every combination of the grid's values put into the policy, the last field varying fastest. */
export function variantsOf({ policy, fit }: FittedPolicy): Json[] {
  let variants: Readonly<Record<string, Json>>[] = [policy];
  for (const [field, values] of Object.entries(fit))
    variants = variants.flatMap((variant) => values.map((value) => ({ ...variant, [field]: value })));
  if (variants.length > VARIANTS_MAX)
    throw new RangeError(`the grid has ${variants.length} combinations; at most ${VARIANTS_MAX} are run`);
  return variants;
}

/** A stretch of hours that parameters are chosen for, from the hours before it. */
export interface Fold {
  /** Hours since the start: the fold is [from, to). */
  readonly from: number;
  readonly to: number;
  /** Index of the variant that was best on [0, from). */
  readonly chosen: number;
}

export interface WalkForwardPlan {
  /** Stretches of equal length; the first is only learnt from. */
  readonly folds: number;
  /** Per unit of numeraire. */
  readonly riskAversion: number;
}

/**
 * For each stretch after the first, the variant whose cost and risk on all hours before it score lowest: cost per day plus
 * ½ × risk aversion × daily variance of the hedged P&L before costs. Nothing from a stretch is used to choose for it.
 */
export function chooseByPast(outcomes: readonly HedgeOutcome[], plan: WalkForwardPlan): Fold[] {
  const hours = Math.min(...outcomes.map((outcome) => outcome.hours.length - 1));
  const edge = (fold: number): number => Math.floor((hours * fold) / plan.folds);
  return Array.from({ length: plan.folds - 1 }, (_, index) => {
    const from = edge(index + 1);
    let chosen = 0;
    let best = Infinity;
    outcomes.forEach((outcome, variant) => {
      const score = scoreOn(outcome, from, plan.riskAversion);
      if (score < best) [best, chosen] = [score, variant];
    });
    return { from, to: edge(index + 2), chosen };
  });
}

/** The policy changes that put a fit into force: the first fold's choice from the start would be foresight, so `initial` runs there. */
export function changesOfFolds(
  book: BookUnderManagement,
  outcome: HedgeOutcome,
  folds: readonly Fold[],
  variants: readonly Json[],
): PolicyChange[] {
  const start = BigInt(outcome.start);
  return folds.flatMap(({ from, chosen }, index): PolicyChange[] => {
    const policy = variants[chosen];
    if (policy === undefined || folds[index - 1]?.chosen === chosen) return [];
    const at = hourAfter(start, from);
    return [{ at, draft: policyDraft({ ...book, policy }, formatInstant(at)) }];
  });
}

function hourAfter(start: Instant, hours: number): Instant {
  return start + BigInt(hours) * HOUR;
}

const HOUR = 3_600_000_000_000n;

function scoreOn({ hours }: HedgeOutcome, until: number, riskAversion: number): number {
  const changes: number[] = [];
  for (let hour = 1; hour <= until; hour += 1) {
    const [before, after] = [hours[hour - 1], hours[hour]];
    if (before === undefined || after === undefined) break;
    const paid = after.fees + after.slippage - before.fees - before.slippage;
    changes.push(after.hedged - before.hedged + paid);
  }
  const [first, last] = [hours[0], hours[changes.length]];
  if (changes.length < 2 || first === undefined || last === undefined) return Infinity;
  const mean = changes.reduce((sum, change) => sum + change, 0) / changes.length;
  const variance = changes.reduce((sum, change) => sum + (change - mean) ** 2, 0) / (changes.length - 1);
  const cost = (last.fees + last.slippage - first.fees - first.slippage) / changes.length;
  return 24 * (cost + 0.5 * riskAversion * variance);
}
