import type {
  CommitDraft,
  DomainEvent,
  HedgeDecision,
  OrderIntended,
  OrderRefused,
  Step,
  TradeChosen,
} from '@evenkeel/facts';
import { NOTHING } from '@evenkeel/facts';
import { Decimal, formatInstant, memoised, parseInstant, uuidV5 } from '@evenkeel/kernel';
import type { Nanoseconds } from '@evenkeel/kernel';
import { tripThrottle } from './controls/decide';
import type { ExecutionState } from './execution-state';
import { isResting } from './hedge-order/queries';
import type { HedgeOrder } from './hedge-order/state';
import { vet } from './pre-trade/checks';
import type { Vetting } from './pre-trade/checks';
import type { ProposedOrder } from './pre-trade/proposed-order';
import { venueOrderOf } from './venue-effect';
import type { VenueEffect } from './venue-effect';

/** The same decision and place in it give the same id on every machine, for ever. */
export function clientOrderIdOf(decisionId: string, index: number): string {
  return idOf(`order|${decisionId}|${index}`);
}

/** A decision is asked for its orders again after each of them: remembering their names is 0.07 × of hashing each anew. */
const idOf = memoised(1024, uuidV5);

/** An order that somebody wants sent: a whole trade of a decision, or a child of a parent order. */
export interface OrderProposal extends ProposedOrder {
  readonly clientOrderId: string;
  readonly policyHash?: string;
  /** For a resting order: when it is taken back at the latest. */
  readonly restUntil?: string;
}

/** A trade of a decision as one order. */
export function proposalOf(
  decision: HedgeDecision,
  trade: TradeChosen,
  clientOrderId: string,
): OrderProposal {
  const { decisionId, book, at, policyHash, policyKind } = decision;
  const { instrument, referencePrice, urgency, limitPrice, restUntil, delta } = trade;
  const signed = Decimal.parse(trade.quantity);
  const quantity = signed.abs();
  const proposal: Writable<OrderProposal> = {
    clientOrderId,
    policyHash,
    decisionId,
    book,
    venue: instrument.slice(instrument.lastIndexOf('@') + 1),
    instrument,
    side: signed.isNegative() ? 'sell' : 'buy',
    quantity,
    approved: quantity,
    decidedAt: at,
    decidedInstant: parseInstant(at),
    referencePrice,
    urgency,
    strategy: policyKind,
    delta,
  };
  if (limitPrice !== undefined) proposal.limitPrice = limitPrice;
  if (restUntil !== undefined) proposal.restUntil = restUntil;
  return proposal;
}

/** For what is written field by field: spread from parts, orders took 1.4 × as long. */
type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/**
 * Puts an order through every check: an intent with the effect that submits it, or a refusal on record. The throttle says on
 * record that it trips before it refuses.
 */
export function placeOrder(
  state: ExecutionState,
  proposal: OrderProposal,
  timeout: Nanoseconds,
): Step<VenueEffect> {
  const { clientOrderId, decisionId, book, venue, instrument, side, parentId, strategy, restUntil } =
    proposal;
  const tripped = tripThrottle(state, book, venue, instrument, decisionId);
  if (tripped !== undefined) return { commits: [tripped], effects: [] };
  const vetting = vet(state, proposal);
  const at = proposal.decidedAt;
  const { checks, reasons, price } = vetting;
  const quantity = proposal.quantity.toString();
  const refs = referencesOf(proposal.policyHash, vetting);
  if (reasons.length > 0 || price === undefined) {
    const payload: Writable<OrderRefused> = {
      clientOrderId,
      decisionId,
      book,
      instrument,
      side,
      quantity,
      at,
      checks,
      reasons,
    };
    if (parentId !== undefined) payload.parentId = parentId;
    return {
      commits: [draftOf(clientOrderId, book, at, { type: 'OrderRefused', payload }, refs)],
      effects: [],
    };
  }
  const intent: Writable<OrderIntended> = {
    clientOrderId,
    decisionId,
    book,
    instrument,
    side,
    quantity,
    at,
    checks,
    venue,
    orderType: 'limit',
    timeInForce: price.timeInForce,
    limitPrice: price.limitPrice.toString(),
    referencePrice: proposal.referencePrice,
    timeoutAt: formatInstant(proposal.decidedInstant + timeout),
  };
  if (parentId !== undefined) intent.parentId = parentId;
  if (strategy !== '') intent.strategy = strategy;
  if (restUntil !== undefined) intent.restUntil = restUntil;
  const commit = draftOf(clientOrderId, book, at, { type: 'OrderIntended', payload: intent }, refs);
  return { commits: [commit], effects: [{ kind: 'submit', order: venueOrderOf(intent) }] };
}

/** New terms for a resting order; `quantity` is the total, filled part included. */
export interface AmendTerms {
  readonly quantity: Decimal;
  readonly limitPrice: string;
}

/**
 * Puts a change of an acknowledged resting order through the checks that a new order of what would be open afterwards has to
 * pass. One change at a time: while one is under way, or the order is not resting at the venue, the answer is nothing.
 */
export function amendOrder(
  state: ExecutionState,
  order: HedgeOrder,
  terms: AmendTerms,
  at: string,
): Step<VenueEffect> {
  const resting = order.status === 'acknowledged' && isResting(order) && order.cancel === undefined;
  if (!resting || order.pendingAmend !== undefined) return NOTHING;
  const { clientOrderId, book, venue, instrument, side, decisionId, strategy, parentId } = order;
  const used = order.quantity.minus(order.remaining);
  const vetting = vet(state, {
    decisionId,
    book,
    venue,
    instrument,
    side,
    strategy,
    quantity: terms.quantity.minus(used),
    approved: order.approved.minus(used),
    decidedAt: at,
    decidedInstant: parseInstant(at),
    referencePrice: state.prices.get(instrument)?.price ?? order.limitPrice,
    urgency: 'passive',
    limitPrice: terms.limitPrice,
    replaces: order,
    ...(parentId === undefined ? {} : { parentId }),
  });
  const { checks, reasons } = vetting;
  const quantity = terms.quantity.toString();
  const limitPrice = vetting.price?.limitPrice.toString() ?? terms.limitPrice;
  const payload = { clientOrderId, book, instrument, quantity, limitPrice, at, checks };
  const refs = referencesOf(undefined, vetting);
  if (reasons.length > 0) {
    const refused: DomainEvent = { type: 'AmendRefused', payload: { ...payload, reasons } };
    return { commits: [draftOf(clientOrderId, book, at, refused, refs)], effects: [] };
  }
  return {
    commits: [draftOf(clientOrderId, book, at, { type: 'AmendIntended', payload }, refs)],
    effects: [{ kind: 'amend', clientOrderId, book, venue, instrument, quantity, limitPrice }],
  };
}

function referencesOf(
  policyHash: string | undefined,
  { account }: Vetting,
): Pick<CommitDraft, 'policyHash' | 'limitsVersion'> {
  const references: Writable<Pick<CommitDraft, 'policyHash' | 'limitsVersion'>> = {};
  if (policyHash !== undefined) references.policyHash = policyHash;
  if (account !== undefined) references.limitsVersion = account.limitsVersion;
  return references;
}

/** One event of one order as a commit. */
export function draftOf(
  clientOrderId: string,
  book: string,
  eventTime: string,
  event: DomainEvent,
  references: Pick<CommitDraft, 'policyHash' | 'limitsVersion'> = {},
): CommitDraft {
  return {
    aggregate: { context: 'execution', type: 'hedge-order', id: clientOrderId },
    book,
    eventTime,
    actor: { kind: 'algo', id: 'execution' },
    events: [event],
    ...references,
  };
}
