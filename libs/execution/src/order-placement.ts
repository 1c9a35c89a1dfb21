import type {
  CommitDraft,
  DomainEvent,
  EventOf,
  HedgeDecision,
  Side,
  Step,
  TradeChosen,
} from '@evenkeel/facts';
import { Decimal, formatInstant, parseInstant, uuidV5 } from '@evenkeel/kernel';
import type { Nanoseconds } from '@evenkeel/kernel';
import type { ExecutionState } from './execution-state';
import { vet } from './pre-trade/checks';
import type { Vetting } from './pre-trade/checks';
import { venueOrderOf } from './venue-effect';
import type { VenueEffect } from './venue-effect';

/** The same decision and place in it give the same id on every machine, for ever. */
export function clientOrderIdOf(decisionId: string, index: number): string {
  return uuidV5(`order|${decisionId}|${index}`);
}

/** The first trade of a decision that nothing has been said about yet. */
export function nextOrder(
  state: ExecutionState,
  decision: HedgeDecision,
  timeout: Nanoseconds,
): Step<VenueEffect> | undefined {
  for (let index = 0; index < decision.trades.length; index += 1) {
    const trade = decision.trades[index];
    const clientOrderId = clientOrderIdOf(decision.decisionId, index);
    if (trade === undefined || state.orders.has(clientOrderId)) continue;
    return placeOrder(state, decision, trade, clientOrderId, timeout);
  }
  return undefined;
}

function placeOrder(
  state: ExecutionState,
  decision: HedgeDecision,
  trade: TradeChosen,
  clientOrderId: string,
  timeout: Nanoseconds,
): Step<VenueEffect> {
  const signed = Decimal.parse(trade.quantity);
  const side: Side = signed.isNegative() ? 'sell' : 'buy';
  const venue = trade.instrument.slice(trade.instrument.lastIndexOf('@') + 1);
  const quantity = signed.abs();
  const vetting = vet(state, { decision, trade, side, quantity, venue });
  const { decisionId, book, at } = decision;
  const common = {
    clientOrderId,
    decisionId,
    book,
    instrument: trade.instrument,
    side,
    quantity: quantity.toString(),
    at,
  };
  const refs = referencesOf(decision, vetting);
  if (vetting.reasons.length > 0 || vetting.price === undefined) {
    const payload = { ...common, checks: vetting.checks, reasons: vetting.reasons };
    return {
      commits: [draftOf(clientOrderId, book, at, { type: 'OrderRefused', payload }, refs)],
      effects: [],
    };
  }
  const intent: EventOf<'OrderIntended'>['payload'] = {
    ...common,
    venue,
    orderType: 'limit',
    timeInForce: vetting.price.timeInForce,
    limitPrice: vetting.price.limitPrice.toString(),
    referencePrice: trade.referencePrice,
    timeoutAt: formatInstant(parseInstant(at) + timeout),
    checks: vetting.checks,
  };
  const commit = draftOf(clientOrderId, book, at, { type: 'OrderIntended', payload: intent }, refs);
  return { commits: [commit], effects: [{ kind: 'submit', order: venueOrderOf(intent) }] };
}

function referencesOf(
  decision: HedgeDecision,
  vetting: Vetting,
): Pick<CommitDraft, 'policyHash' | 'limitsVersion'> {
  const { account } = vetting;
  return {
    policyHash: decision.policyHash,
    ...(account === undefined ? {} : { limitsVersion: account.limitsVersion }),
  };
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
