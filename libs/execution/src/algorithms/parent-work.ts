import type {
  CommitDraft,
  DomainEvent,
  EventOf,
  HedgeDecision,
  Mark,
  Step,
  TradeChosen,
} from '@evenkeel/facts';
import { Decimal, NANOS_PER_MILLISECOND, formatInstant, parseInstant, uuidV5 } from '@evenkeel/kernel';
import type { Instant, Nanoseconds } from '@evenkeel/kernel';
import type { ExecutionState } from '../execution-state';
import type { HedgeOrder } from '../hedge-order/state';
import { scopesOf } from '../kill-switch';
import { amendOrder, clientOrderIdOf, placeOrder } from '../order-placement';
import type { OrderProposal } from '../order-placement';
import { vet } from '../pre-trade/checks';
import { notionalAt } from '../pre-trade/notional';
import { haltOf } from '../venue-account/account-watch';
import type { VenueEffect } from '../venue-effect';
import { nextAction } from './next-action';
import { averagePriceOf, standingOf } from './parent-order';
import type { ParentAction, ParentOrder, ParentView } from './parent-order';
import { planTrade } from './plan';

/** The same decision and place in it give the same parent on every machine, for ever. */
export function parentIdOf(decisionId: string, index: number): string {
  return uuidV5(`parent|${decisionId}|${index}`);
}

/** A trade of a decision, and as the one order that it would be. */
interface ProposedWork {
  readonly trade: TradeChosen;
  readonly proposal: OrderProposal;
  readonly index: number;
}

/**
 * Starts a parent order for a trade where the book's instructions and the decision's urgency ask for one and the whole quantity
 * passes the pre-trade checks; undefined where the trade goes out (or is refused) as one order.
 */
export function startParent(
  state: ExecutionState,
  decision: HedgeDecision,
  { trade, proposal, index }: ProposedWork,
): Step<VenueEffect> | undefined {
  const { book, venue, instrument, quantity } = proposal;
  const account = state.books.get(book)?.accounts.get(venue);
  const contract = account?.contracts.get(instrument);
  if (account?.instructions === undefined || contract === undefined) return undefined;
  const worth = notionalAt(contract, quantity, state.prices.get(instrument));
  const plan = planTrade({ decision, trade, quantity, contract, notionalUsd: worth }, account.instructions);
  if (plan === undefined) return undefined;
  const vetting = vet(state, proposal);
  if (vetting.reasons.length > 0) return undefined;
  const parentId = parentIdOf(decision.decisionId, index);
  const event: EventOf<'ParentOrderStarted'> = {
    type: 'ParentOrderStarted',
    payload: {
      parentId,
      decisionId: decision.decisionId,
      book,
      venue,
      instrument,
      side: proposal.side,
      quantity: quantity.toString(),
      referencePrice: trade.referencePrice,
      at: decision.at,
      endsAt: formatInstant(plan.endsAt),
      algorithm: plan.algorithm,
      parameters: plan.parameters,
      urgency: plan.urgency.value,
      ingredients: plan.urgency.ingredients,
      schedule: plan.schedule,
      explanation: plan.explanation,
      checks: vetting.checks,
      strategy: decision.policyKind,
    },
  };
  const draft = parentDraft(parentId, book, decision.at, event);
  const { policyHash } = decision;
  return { commits: [{ ...draft, policyHash, limitsVersion: account.limitsVersion }], effects: [] };
}

/** The next child of any parent, the change of one, or the end of a parent; undefined when all of them wait. */
export function nextParentStep(
  state: ExecutionState,
  at: string,
  timeout: Nanoseconds,
): Step<VenueEffect> | undefined {
  for (const parent of state.working.values()) {
    const action = actionOf(state, parent);
    if (action?.kind === 'child') return sendChild(state, parent, action, at, timeout);
    if (action?.kind === 'amend') {
      const { order, limitPrice } = action;
      const step = amendOrder(state, order, { quantity: order.quantity, limitPrice }, at);
      if (step.commits.length > 0) return step;
    }
    if (action?.kind === 'complete') return { commits: [completion(parent, action.reason, at)], effects: [] };
  }
  return undefined;
}

/** Children that their parents want back now. */
export function childrenToCancel(
  state: ExecutionState,
): { readonly order: HedgeOrder; readonly reason: string }[] {
  return [...state.working.values()].flatMap((parent) => {
    const action = actionOf(state, parent);
    return action?.kind === 'cancel' ? action.orders.map((order) => ({ order, reason: action.reason })) : [];
  });
}

/** When the first parent wants to be looked at again; at once where it has something to do. */
export function nextParentWake(state: ExecutionState): Instant | undefined {
  let first: Instant | undefined;
  for (const parent of state.working.values()) {
    const action = actionOf(state, parent);
    if (action === undefined) continue;
    const at = action.kind === 'wait' ? action.until : state.now + NANOS_PER_MILLISECOND;
    if (at !== undefined && (first === undefined || at < first)) first = at;
  }
  return first;
}

/** Volume that a mark reports counts towards the parents that follow it. */
export function noteVolume(state: ExecutionState, mark: Mark): void {
  if (mark.volume === undefined) return;
  for (const parent of state.working.values())
    if (parent.instrument === mark.instrument) parent.marketVolume += Number(mark.volume);
}

function actionOf(state: ExecutionState, parent: ParentOrder): ParentAction | undefined {
  const view = viewOf(state, parent);
  return view === undefined ? undefined : nextAction(parent, view);
}

function viewOf(state: ExecutionState, parent: ParentOrder): ParentView | undefined {
  const account = state.books.get(parent.book)?.accounts.get(parent.venue);
  const contract = account?.contracts.get(parent.instrument);
  if (account === undefined || contract === undefined) return undefined;
  const stopped =
    scopesOf(parent).some((scope) => state.latches.has(scope)) ||
    haltOf(account.watch, account.read.reconciliation) !== undefined;
  return { now: state.now, market: state.prices.get(parent.instrument), contract, stopped };
}

function sendChild(
  state: ExecutionState,
  parent: ParentOrder,
  action: Extract<ParentAction, { kind: 'child' }>,
  at: string,
  timeout: Nanoseconds,
): Step<VenueEffect> {
  const { parentId, decisionId, book, venue, instrument, side, strategy, approved } = parent;
  const rests = action.style === 'rest';
  return placeOrder(
    state,
    {
      clientOrderId: clientOrderIdOf(parentId, parent.children.size),
      parentId,
      decisionId,
      book,
      venue,
      instrument,
      side,
      strategy,
      approved,
      quantity: action.quantity,
      decidedAt: at,
      decidedInstant: parseInstant(at),
      referencePrice: state.prices.get(instrument)?.price ?? parent.referencePrice,
      urgency: rests ? 'passive' : 'immediate',
      ...(rests && action.limitPrice !== undefined ? { limitPrice: action.limitPrice } : {}),
      ...(rests ? { restUntil: formatInstant(parent.endsAt) } : {}),
    },
    timeout,
  );
}

function completion(parent: ParentOrder, reason: string, at: string): CommitDraft {
  const { parentId, decisionId, book, instrument, approved, children } = parent;
  const { filled } = standingOf(parent);
  const average = averagePriceOf(parent)?.toString();
  return parentDraft(parentId, book, at, {
    type: 'ParentOrderCompleted',
    payload: {
      parentId,
      decisionId,
      book,
      instrument,
      at,
      filled: filled.toString(),
      unfilled: approved.minus(filled).max(Decimal.ZERO).toString(),
      ...(average === undefined ? {} : { averagePrice: average }),
      children: children.size,
      reason,
    },
  });
}

function parentDraft(parentId: string, book: string, eventTime: string, event: DomainEvent): CommitDraft {
  return {
    aggregate: { context: 'execution', type: 'parent-order', id: parentId },
    book,
    eventTime,
    actor: { kind: 'algo', id: 'execution' },
    events: [event],
  };
}
