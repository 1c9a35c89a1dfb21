import type { MarkStatus, ParentOrderStarted, Side } from '@evenkeel/facts';
import type { Contract } from '@evenkeel/instruments';
import { Decimal, parseInstant } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { filledOf, isAwaited, isResting, workingOf } from '../hedge-order/queries';
import type { HedgeOrder } from '../hedge-order/state';
import type { ParentBudget } from '../parent-budget';
import type { PlanParameters } from './plan';

/** A parent order at work: a fold of its own start and of what became of its children. Quantities in positive contracts. */
export interface ParentOrder extends ParentBudget {
  readonly decisionId: string;
  readonly correlationId: string;
  readonly venue: string;
  readonly side: Side;
  readonly strategy: string;
  readonly referencePrice: string;
  readonly startedAt: Instant;
  readonly endsAt: Instant;
  readonly algorithm: string;
  readonly parameters: PlanParameters;
  readonly schedule: readonly { readonly at: Instant; readonly cumulative: Decimal }[];
  /** Contracts that the market is known to have traded since the start. */
  marketVolume: number;
  /** Children in a row that were refused or rejected, and when the last one was. */
  failures: number;
  failedAt: Instant | undefined;
  /** Undefined while it works. */
  completedAt: Instant | undefined;
}

const PLAIN: PlanParameters = { style: 'take', atEnd: 'take', repriceTicks: 1, repriceSeconds: 15 };

export function startedParent(payload: ParentOrderStarted, correlationId: string): ParentOrder {
  const { parentId, decisionId, book, venue, instrument, side, strategy, referencePrice, algorithm } =
    payload;
  return {
    parentId,
    decisionId,
    correlationId,
    book,
    venue,
    instrument,
    side,
    strategy,
    referencePrice,
    algorithm,
    approved: Decimal.parse(payload.quantity),
    children: new Map(),
    startedAt: parseInstant(payload.at),
    endsAt: parseInstant(payload.endsAt),
    // Canonical JSON that `planTrade` wrote; what it leaves out is as it was when it was left out.
    parameters: { ...PLAIN, ...(JSON.parse(payload.parameters) as Partial<PlanParameters>) },
    schedule: payload.schedule.map(({ at, cumulative }) => ({
      at: parseInstant(at),
      cumulative: Decimal.parse(cumulative),
    })),
    marketVolume: 0,
    failures: 0,
    failedAt: undefined,
    completedAt: undefined,
  };
}

/** Folds what became of one child. */
export function noteChild(parent: ParentOrder, child: HedgeOrder, at: Instant): void {
  parent.children.set(child.clientOrderId, child);
  if (child.status === 'refused' || child.status === 'rejected') {
    parent.failures += 1;
    parent.failedAt = at;
  } else if (child.known) {
    parent.failures = 0;
    parent.failedAt = undefined;
  }
}

/** Where a parent stands. */
export interface ParentStanding {
  readonly filled: Decimal;
  /** Could still fill, in open children or in ones that were given up without an answer. */
  readonly working: Decimal;
  /** May still be sent; negative when late fills brought more than was wanted. */
  readonly left: Decimal;
  readonly open: readonly HedgeOrder[];
}

export function standingOf(parent: ParentOrder): ParentStanding {
  let filled = Decimal.ZERO;
  let working = Decimal.ZERO;
  const open: HedgeOrder[] = [];
  for (const child of parent.children.values()) {
    filled = filled.plus(filledOf(child));
    working = working.plus(workingOf(child));
    if (isAwaited(child)) open.push(child);
  }
  return { filled, working, left: parent.approved.minus(filled).minus(working), open };
}

/** Volume-weighted price of the children's fills; undefined without any. */
export function averagePriceOf(parent: ParentOrder): Decimal | undefined {
  let paid = Decimal.ZERO;
  let filled = Decimal.ZERO;
  for (const child of parent.children.values()) {
    for (const fill of child.fills.values()) {
      if (fill.standing === 'busted' || fill.standing === 'bust-announced') continue;
      filled = filled.plus(fill.quantity);
      paid = paid.plus(fill.quantity.times(Decimal.parse(fill.price)));
    }
  }
  return filled.isZero() ? undefined : paid.dividedBy(filled, 12);
}

export interface MarketView {
  readonly price: string;
  readonly bid?: string | undefined;
  readonly ask?: string | undefined;
  readonly status: MarkStatus;
}

/** What an algorithm sees besides its own parent. */
export interface ParentView {
  readonly now: Instant;
  readonly market: MarketView | undefined;
  readonly contract: Contract;
  /** A kill latch or a venue halt stands over it. */
  readonly stopped: boolean;
}

export type ParentAction =
  | {
      readonly kind: 'child';
      readonly quantity: Decimal;
      readonly style: 'take' | 'rest';
      readonly limitPrice?: string;
    }
  /** New terms for a resting child in place of taking it back and sending another. */
  | { readonly kind: 'amend'; readonly order: HedgeOrder; readonly limitPrice: string }
  | { readonly kind: 'cancel'; readonly orders: readonly HedgeOrder[]; readonly reason: string }
  | { readonly kind: 'complete'; readonly reason: string }
  /** Nothing before `until`, unless the market or a child says something. */
  | { readonly kind: 'wait'; readonly until: Instant | undefined };

export const restingOf = (standing: ParentStanding): HedgeOrder[] =>
  standing.open.filter((child) => isResting(child) && child.cancel === undefined);
