import type { DomainEvent, EventPayloads } from '@evenkeel/facts';
import { Decimal } from '@evenkeel/kernel';
import { readSpecification } from './hedge-instrument';
import type { ProgramBook } from './state';
import { memoryOf } from './state';

function decidedKey(decisionId: string, instrument: string): string {
  return `${decisionId}/${instrument}`;
}

/** From the decision on its trades count, before there is an order for them. */
export function foldDecided(program: ProgramBook, decision: EventPayloads['HedgeDecided']): void {
  for (const trade of decision.trades) {
    const quantity = Decimal.parse(trade.quantity);
    program.decided[decidedKey(decision.decisionId, trade.instrument)] = {
      instrument: trade.instrument,
      outstanding: quantity.abs().toString(),
      direction: quantity.isNegative() ? -1 : 1,
    };
  }
}

/**
 * Folds what execution and risk say of orders. Contracts pass from decided to working order to unapplied fill to position,
 * and count in exactly one of them at any time. Contracts that die on the way re-arm the policy for their underlying.
 */
export function foldOrderEvent(program: ProgramBook, event: DomainEvent): void {
  switch (event.type) {
    case 'OrderIntended':
      takeFromDecided(program, event.payload);
      program.orders[event.payload.clientOrderId] = {
        instrument: event.payload.instrument,
        remaining: event.payload.quantity,
        direction: event.payload.side === 'buy' ? 1 : -1,
        unresolved: false,
      };
      return undefined;
    case 'OrderRefused':
      takeFromDecided(program, event.payload);
      return rearm(program, event.payload.instrument);
    case 'OrderAcknowledged':
      return setUnresolved(program, event.payload.clientOrderId, false);
    case 'OrderUnresolved':
      return setUnresolved(program, event.payload.clientOrderId, true);
    case 'OrderFilled':
      return foldFill(program, event.payload);
    case 'OrderCancelled':
    case 'OrderRejected':
    case 'OrderExpired':
      return foldClosed(program, event.payload);
    case 'FillApplied':
      delete program.unapplied[event.payload.fillId];
      return undefined;
    default:
      return undefined;
  }
}

function takeFromDecided(
  program: ProgramBook,
  part: { readonly decisionId: string; readonly instrument: string; readonly quantity: string },
): void {
  const key = decidedKey(part.decisionId, part.instrument);
  const decided = program.decided[key];
  if (decided === undefined) return;
  const rest = Decimal.parse(decided.outstanding).minus(Decimal.parse(part.quantity));
  if (rest.isPositive()) program.decided[key] = { ...decided, outstanding: rest.toString() };
  else delete program.decided[key];
}

function setUnresolved(program: ProgramBook, clientOrderId: string, unresolved: boolean): void {
  const order = program.orders[clientOrderId];
  if (order !== undefined) program.orders[clientOrderId] = { ...order, unresolved };
}

function foldFill(program: ProgramBook, filled: EventPayloads['OrderFilled']): void {
  program.unapplied[filled.fillId] = { instrument: filled.instrument, quantity: filled.quantity };
  const order = program.orders[filled.clientOrderId];
  if (order === undefined) return;
  if (Decimal.parse(filled.remaining).isPositive()) {
    program.orders[filled.clientOrderId] = { ...order, remaining: filled.remaining, unresolved: false };
  } else {
    delete program.orders[filled.clientOrderId];
  }
}

function foldClosed(program: ProgramBook, closed: EventPayloads['OrderCancelled']): void {
  delete program.orders[closed.clientOrderId];
  if (Decimal.parse(closed.unfilled).isPositive()) rearm(program, closed.instrument);
}

function rearm(program: ProgramBook, instrument: string): void {
  const text = program.policy?.specifications[instrument];
  if (text === undefined) return;
  const { underlying } = readSpecification(text);
  program.memory[underlying] = { ...memoryOf(program, underlying), servedAt: '' };
}

/** Signed contracts in flight by instrument, and the instruments with an order of unknown outcome. */
export interface InFlight {
  readonly contracts: ReadonlyMap<string, number>;
  readonly unresolved: ReadonlySet<string>;
}

export function inFlightOf(program: ProgramBook): InFlight {
  const totals = new Map<string, Decimal>();
  const add = (instrument: string, quantity: Decimal): void => {
    totals.set(instrument, (totals.get(instrument) ?? Decimal.ZERO).plus(quantity));
  };
  const signed = (quantity: string, direction: 1 | -1): Decimal => {
    const contracts = Decimal.parse(quantity);
    return direction === 1 ? contracts : contracts.negated();
  };
  const unresolved = new Set<string>();
  for (const trade of Object.values(program.decided))
    add(trade.instrument, signed(trade.outstanding, trade.direction));
  for (const order of Object.values(program.orders)) {
    add(order.instrument, signed(order.remaining, order.direction));
    if (order.unresolved) unresolved.add(order.instrument);
  }
  for (const fill of Object.values(program.unapplied)) add(fill.instrument, Decimal.parse(fill.quantity));
  return {
    contracts: new Map([...totals].map(([instrument, total]) => [instrument, total.toNumber()])),
    unresolved,
  };
}
