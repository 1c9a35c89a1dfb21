import { Decimal } from '@evenkeel/kernel';
import { filledOf, workingOf } from './hedge-order/queries';
import type { HedgeOrder } from './hedge-order/state';

/** What was approved for a parent order, and the children that spend it. */
export interface ParentBudget {
  readonly parentId: string;
  readonly book: string;
  readonly instrument: string;
  /** Positive contracts. */
  readonly approved: Decimal;
  readonly children: Map<string, HedgeOrder>;
}

/** Positive contracts that children have filled or could still fill. What died unfilled is given back. */
export function spentOf(budget: ParentBudget): Decimal {
  let spent = Decimal.ZERO;
  for (const child of budget.children.values()) spent = spent.plus(filledOf(child)).plus(workingOf(child));
  return spent;
}

/** Positive contracts that a next child may have at most; never negative. */
export function budgetLeft(budget: ParentBudget): Decimal {
  return budget.approved.minus(spentOf(budget)).max(Decimal.ZERO);
}
