import type { DomainEvent, EventPayloads } from '@evenkeel/facts';
import { parseContract } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';
import type { ProgramBook } from './state';
import { memoryOf } from './state';

type Direction = 1 | -1;

function decidedKey(decisionId: string, instrument: string, direction: Direction, resting: boolean): string {
  return `${decisionId}/${instrument}/${direction === 1 ? 'buy' : 'sell'}/${resting ? 'resting' : 'now'}`;
}

/** From the decision on its trades count, before there is an order for them. */
export function foldDecided(program: ProgramBook, decision: EventPayloads['HedgeDecided']): void {
  for (const trade of decision.trades) {
    const { instrument } = trade;
    const quantity = Decimal.parse(trade.quantity);
    const direction = quantity.isNegative() ? -1 : 1;
    const resting = trade.urgency === 'passive';
    const key = decidedKey(decision.decisionId, instrument, direction, resting);
    // A ladder is several trades in one instrument and direction.
    const before = Decimal.parse(program.decided[key]?.outstanding ?? '0');
    program.decided[key] = {
      instrument,
      outstanding: before.plus(quantity.abs()).toString(),
      direction,
      resting,
    };
  }
  for (const clientOrderId of decision.withdrawals?.clientOrderIds ?? []) {
    const order = program.orders[clientOrderId];
    if (order !== undefined) program.orders[clientOrderId] = { ...order, withdrawn: true };
  }
}

/**
 * Folds what execution and risk say of orders. Contracts pass from decided to working order (or parent order, which counts for
 * its children) to unapplied fill to position, and count in exactly one of them at any time. Contracts that die on the way re-arm the policy for their underlying.
 */
export function foldOrderEvent(program: ProgramBook, event: DomainEvent): void {
  switch (event.type) {
    case 'OrderIntended':
      return foldIntended(program, event.payload);
    case 'OrderRefused':
      // A refused child is its parent's business: the parent tries again or gives up, and then re-arms.
      if (event.payload.parentId !== undefined) return undefined;
      takeFromDecided(program, event.payload, false);
      return rearm(program, event.payload.instrument);
    case 'ParentOrderStarted':
      return foldParent(program, event.payload);
    case 'ParentOrderCompleted':
      delete program.parents[event.payload.parentId];
      return Decimal.parse(event.payload.unfilled).isPositive()
        ? rearm(program, event.payload.instrument)
        : undefined;
    case 'FillBusted':
      return changeParent(program, event.payload.clientOrderId, event.payload.quantity, 1);
    case 'OrderAmended':
      return foldAmended(program, event.payload);
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

function foldIntended(program: ProgramBook, order: EventPayloads['OrderIntended']): void {
  const resting = order.timeInForce === 'POST_ONLY';
  const parent = order.parentId === undefined ? undefined : program.parents[order.parentId];
  if (parent !== undefined) parent.children[order.clientOrderId] = true;
  else takeFromDecided(program, order, resting);
  program.orders[order.clientOrderId] = {
    instrument: order.instrument,
    remaining: order.quantity,
    direction: order.side === 'buy' ? 1 : -1,
    limitPrice: order.limitPrice,
    resting,
    withdrawn: false,
    unresolved: false,
  };
}

function foldParent(program: ProgramBook, started: EventPayloads['ParentOrderStarted']): void {
  takeFromDecided(program, started, false);
  program.parents[started.parentId] = {
    instrument: started.instrument,
    remaining: started.quantity,
    direction: started.side === 'buy' ? 1 : -1,
    children: {},
  };
}

/** A fill of a child takes contracts out of its parent (−1), a bust puts them back (1). */
function changeParent(program: ProgramBook, clientOrderId: string, signed: string, by: 1 | -1): void {
  for (const [parentId, parent] of Object.entries(program.parents)) {
    if (parent.children[clientOrderId] === undefined) continue;
    const contracts = Decimal.parse(signed).abs();
    const remaining = Decimal.parse(parent.remaining).plus(by === 1 ? contracts : contracts.negated());
    program.parents[parentId] = { ...parent, remaining: remaining.max(Decimal.ZERO).toString() };
    return;
  }
}

function isChild(program: ProgramBook, clientOrderId: string): boolean {
  return Object.values(program.parents).some((parent) => parent.children[clientOrderId] !== undefined);
}

/** Moves contracts of an order, or of a refusal of one, out of what was decided. */
function takeFromDecided(
  program: ProgramBook,
  part: Pick<EventPayloads['OrderIntended'], 'decisionId' | 'instrument' | 'side' | 'quantity'>,
  restingFirst: boolean,
): void {
  const direction = part.side === 'buy' ? 1 : -1;
  for (const resting of [restingFirst, !restingFirst]) {
    const key = decidedKey(part.decisionId, part.instrument, direction, resting);
    const decided = program.decided[key];
    if (decided === undefined) continue;
    const rest = Decimal.parse(decided.outstanding).minus(Decimal.parse(part.quantity));
    if (rest.isPositive()) program.decided[key] = { ...decided, outstanding: rest.toString() };
    else delete program.decided[key];
    return;
  }
}

/** Other terms are in force; a parent counts for its children whatever their price. */
function foldAmended(program: ProgramBook, amended: EventPayloads['OrderAmended']): void {
  const { clientOrderId, remaining, limitPrice } = amended;
  const order = program.orders[clientOrderId];
  if (order !== undefined) program.orders[clientOrderId] = { ...order, remaining, limitPrice };
}

function setUnresolved(program: ProgramBook, clientOrderId: string, unresolved: boolean): void {
  const order = program.orders[clientOrderId];
  if (order !== undefined) program.orders[clientOrderId] = { ...order, unresolved };
}

function foldFill(program: ProgramBook, filled: EventPayloads['OrderFilled']): void {
  program.unapplied[filled.fillId] = { instrument: filled.instrument, quantity: filled.quantity };
  changeParent(program, filled.clientOrderId, filled.quantity, -1);
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
  if (isChild(program, closed.clientOrderId)) return;
  if (Decimal.parse(closed.unfilled).isPositive()) rearm(program, closed.instrument);
}

function rearm(program: ProgramBook, instrument: string): void {
  const text = program.policy?.specifications[instrument];
  if (text === undefined) return;
  const { underlying } = parseContract(text);
  program.memory[underlying] = { ...memoryOf(program, underlying), rebalancedAt: '' };
}

function isEmpty(record: object): boolean {
  for (const _ in record) return false;
  return true;
}

/** An order that waits in the book at its limit and may never trade. */
export interface RestingOrder {
  readonly clientOrderId: string;
  readonly instrument: string;
  /** Signed, still unfilled. */
  readonly contracts: number;
  readonly limitPrice: string;
}

export interface InFlight {
  /** Signed contracts on their way by instrument, resting orders left out. */
  readonly contracts: ReadonlyMap<string, number>;
  readonly resting: readonly RestingOrder[];
  /** Instruments with passive trades that were decided and are not yet orders. */
  readonly restingDecided: ReadonlySet<string>;
  /** Instruments with an order of unknown outcome. */
  readonly unresolved: ReadonlySet<string>;
}

const NOTHING_IN_FLIGHT: InFlight = {
  contracts: new Map(),
  resting: [],
  restingDecided: new Set(),
  unresolved: new Set(),
};

export function inFlightOf(program: ProgramBook): InFlight {
  const { decided, orders, parents, unapplied } = program;
  if (isEmpty(decided) && isEmpty(orders) && isEmpty(parents) && isEmpty(unapplied)) return NOTHING_IN_FLIGHT;
  const totals = new Map<string, Decimal>();
  const add = (instrument: string, quantity: Decimal): void => {
    totals.set(instrument, (totals.get(instrument) ?? Decimal.ZERO).plus(quantity));
  };
  const signed = (quantity: string, direction: Direction): Decimal => {
    const contracts = Decimal.parse(quantity);
    return direction === 1 ? contracts : contracts.negated();
  };
  const unresolved = new Set<string>();
  const resting: RestingOrder[] = [];
  const restingDecided = new Set<string>();
  for (const trade of Object.values(program.decided)) {
    if (trade.resting) restingDecided.add(trade.instrument);
    else add(trade.instrument, signed(trade.outstanding, trade.direction));
  }
  for (const [clientOrderId, order] of Object.entries(program.orders)) {
    const { instrument, limitPrice } = order;
    if (order.unresolved) unresolved.add(instrument);
    if (isChild(program, clientOrderId)) continue;
    const contracts = signed(order.remaining, order.direction);
    if (order.resting) {
      if (!order.withdrawn)
        resting.push({ clientOrderId, instrument, contracts: contracts.toNumber(), limitPrice });
    } else add(instrument, contracts);
  }
  for (const parent of Object.values(program.parents))
    add(parent.instrument, signed(parent.remaining, parent.direction));
  for (const fill of Object.values(program.unapplied)) add(fill.instrument, Decimal.parse(fill.quantity));
  const contracts = new Map([...totals].map(([instrument, total]) => [instrument, total.toNumber()]));
  return { contracts, resting, restingDecided, unresolved };
}
