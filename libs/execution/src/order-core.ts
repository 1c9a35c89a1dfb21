import type {
  CommitDraft,
  CommitView,
  Core,
  CoreInput,
  DomainEvent,
  EventOf,
  HedgeDecision,
  Mark,
  Side,
  Step,
  TradeChosen,
  VenueAccountOpened,
} from '@evenkeel/facts';
import { NOTHING } from '@evenkeel/facts';
import type { InstrumentSpec } from '@evenkeel/instruments';
import {
  Decimal,
  IntegrityFault,
  NANOS_PER_MILLISECOND,
  NANOS_PER_MINUTE,
  formatInstant,
  parseDuration,
  parseInstant,
  uuidV5,
} from '@evenkeel/kernel';
import type { Instant, Nanoseconds } from '@evenkeel/kernel';
import { bookOf, initialExecution, termsOf } from './execution-state';
import type { ExecutionState, VenueAccount } from './execution-state';
import { onReport, onSilence } from './hedge-order/decide';
import { isHedgeOrderEvent } from './hedge-order/events';
import type { HedgeOrderEvent } from './hedge-order/events';
import { evolveOrder } from './hedge-order/evolve';
import { isOpen, isResting } from './hedge-order/queries';
import type { HedgeOrder } from './hedge-order/state';
import { scopesOf } from './kill-switch';
import { vet } from './pre-trade/checks';
import type { Vetting } from './pre-trade/checks';

/** An order as a venue adapter gets it. */
export interface VenueOrder {
  readonly clientOrderId: string;
  readonly book: string;
  readonly venue: string;
  readonly instrument: string;
  readonly side: Side;
  /** Positive contracts. */
  readonly quantity: string;
  readonly orderType: string;
  readonly timeInForce: string;
  readonly limitPrice: string;
}

/** What the host does at the venue once the commits beside it are durable. All of it may safely be done twice. */
export type VenueEffect =
  | { readonly kind: 'submit'; readonly order: VenueOrder }
  | {
      readonly kind: 'cancel';
      readonly clientOrderId: string;
      readonly book: string;
      readonly venue: string;
      readonly reason: string;
    }
  | { readonly kind: 'query'; readonly clientOrderId: string; readonly book: string; readonly venue: string };

export interface OrderCoreConfig {
  /** How long a venue may be silent about an order, ISO 8601 duration of event time. */
  readonly timeout?: string;
}

const DEFAULT_TIMEOUT = 'PT5S';

/** The order core: decisions in, orders and their fates out. */
export function createOrderCore(config: OrderCoreConfig = {}): Core<ExecutionState, VenueEffect> {
  const timeout = parseDuration(config.timeout ?? DEFAULT_TIMEOUT);
  return {
    context: 'execution',
    initial: initialExecution,
    observe,
    decide: (state, input) => decide(state, input, timeout),
    evolve,
    nextWake: nextTimeout,
  };
}

/** The same decision and place in it give the same id on every machine, for ever. */
export function clientOrderIdOf(decisionId: string, index: number): string {
  return uuidV5(`order|${decisionId}|${index}`);
}

function observe(state: ExecutionState, input: CoreInput): ExecutionState {
  state.cancelsDue = [];
  switch (input.kind) {
    case 'instant':
      advance(state, parseInstant(input.instant.eventTime));
      for (const mark of input.instant.marks) rememberMark(state, mark);
      if (input.instant.wakes.includes('execution')) scheduleCancels(state);
      break;
    case 'commit':
      advance(state, parseInstant(input.commit.eventTime));
      for (const event of input.commit.events) foldLatch(state, event);
      scheduleKillCancels(state);
      break;
    case 'venue':
      advance(state, parseInstant(input.at));
      break;
  }
  return state;
}

function advance(state: ExecutionState, at: Instant): void {
  if (at > state.now) state.now = at;
}

/** Execution looks at marks when it has an order to send; until then it only keeps the newest. */
function rememberMark(state: ExecutionState, mark: Mark): void {
  state.prices.set(mark.instrument, mark);
}

/** Resting orders whose time is over, and orders under a latch, are taken back. */
function scheduleCancels(state: ExecutionState): void {
  scheduleKillCancels(state);
  for (const order of state.open.values()) {
    if (order.cancelAskedAt !== undefined || !isResting(order) || order.status !== 'acknowledged') continue;
    if (order.timeoutAt !== undefined && order.timeoutAt <= state.now) askCancel(state, order, 'REST_OVER');
  }
}

function scheduleKillCancels(state: ExecutionState): void {
  if (state.latches.size === 0) return;
  for (const order of state.open.values()) {
    if (order.cancelAskedAt === undefined && scopesOf(order).some((scope) => state.latches.has(scope)))
      askCancel(state, order, 'KILL_ENGAGED');
  }
}

function askCancel(state: ExecutionState, order: HedgeOrder, reason: string): void {
  order.cancelAskedAt = state.now;
  order.timeoutAt = state.now + order.patience;
  state.cancelsDue.push({ order, reason });
}

function decide(state: ExecutionState, input: CoreInput, timeout: Nanoseconds): Step<VenueEffect> {
  const step = consequences(state, input, timeout);
  if (step.commits.length > 0 || state.cancelsDue.length === 0) return step;
  const cancels = state.cancelsDue.map(({ order, reason }): VenueEffect => {
    const { clientOrderId, book, venue } = order;
    return { kind: 'cancel', clientOrderId, book, venue, reason };
  });
  return { commits: [], effects: [...step.effects, ...cancels] };
}

function consequences(state: ExecutionState, input: CoreInput, timeout: Nanoseconds): Step<VenueEffect> {
  switch (input.kind) {
    case 'instant':
      return input.instant.wakes.includes('execution') ? onWake(state, input.instant.eventTime) : NOTHING;
    case 'commit':
      for (const event of input.commit.events) {
        if (event.type !== 'HedgeDecided') continue;
        const step = nextOrder(state, event.payload, timeout);
        if (step !== undefined) return step;
      }
      return NOTHING;
    case 'venue': {
      const order = state.orders.get(input.report.clientOrderId);
      if (order === undefined || order.status === 'refused') {
        const message = `a venue reports on order ${input.report.clientOrderId}, which was never sent`;
        throw new IntegrityFault({ code: 'EXECUTION.UNKNOWN_ORDER', message });
      }
      const event = onReport(order, input.report, input.at);
      return event === undefined ? NOTHING : orderStep(order, event, input.at);
    }
  }
}

function onWake(state: ExecutionState, at: string): Step<VenueEffect> {
  for (const order of state.open.values()) {
    if (order.timeoutAt === undefined || order.timeoutAt > state.now) continue;
    return orderStep(order, onSilence(order, at), at);
  }
  return NOTHING;
}

function orderStep(order: HedgeOrder, event: HedgeOrderEvent, at: string): Step<VenueEffect> {
  const { clientOrderId, venue, book } = order;
  const effects: VenueEffect[] =
    event.type === 'OrderUnresolved' ? [{ kind: 'query', clientOrderId, book, venue }] : [];
  return { commits: [draft(clientOrderId, book, at, event)], effects };
}

/** The first trade of a decision that nothing has been said about yet. */
function nextOrder(
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
      commits: [draft(clientOrderId, book, at, { type: 'OrderRefused', payload }, refs)],
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
  const commit = draft(clientOrderId, book, at, { type: 'OrderIntended', payload: intent }, refs);
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

function venueOrderOf(
  order: Omit<VenueOrder, 'quantity'> & { readonly quantity: string | Decimal },
): VenueOrder {
  const { clientOrderId, book, venue, instrument, side, quantity, orderType, timeInForce, limitPrice } =
    order;
  return {
    clientOrderId,
    book,
    venue,
    instrument,
    side,
    quantity: quantity.toString(),
    orderType,
    timeInForce,
    limitPrice,
  };
}

function draft(
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

function evolve(state: ExecutionState, commit: CommitView): ExecutionState {
  advance(state, parseInstant(commit.eventTime));
  for (const event of commit.events) {
    if (event.type === 'VenueAccountOpened') openAccount(state, event.payload);
    else if (isHedgeOrderEvent(event)) foldOrder(state, event, commit);
    else foldLatch(state, event);
  }
  return state;
}

function openAccount(state: ExecutionState, payload: VenueAccountOpened): void {
  const { limits, limitsVersion, venue } = payload;
  const specs = payload.specifications.map((text): InstrumentSpec => JSON.parse(text)); // canonical JSON of specs, from a checked commit
  const account: VenueAccount = {
    venue,
    limits,
    limitsVersion,
    maxQuantity: new Map(
      limits.maxOrderQuantity.map(({ instrument, maxQuantity }) => [instrument, Decimal.parse(maxQuantity)]),
    ),
    terms: new Map(specs.map((spec) => [spec.id, termsOf(spec)])),
  };
  bookOf(state, payload.book).accounts.set(venue, account);
}

function foldLatch(state: ExecutionState, event: DomainEvent): void {
  if (event.type === 'KillEngaged') state.latches.set(event.payload.scope, event.payload);
  else if (event.type === 'KillReleased') state.latches.delete(event.payload.scope);
}

function foldOrder(state: ExecutionState, event: HedgeOrderEvent, commit: CommitView): void {
  const { clientOrderId } = event.payload;
  const order = evolveOrder(state.orders.get(clientOrderId), event, commit.correlationId);
  state.orders.set(clientOrderId, order);
  if (isOpen(order)) state.open.set(clientOrderId, order);
  else state.open.delete(clientOrderId);
  const book = bookOf(state, order.book);
  if (event.type === 'OrderIntended') {
    book.intents = book.intents.filter((at) => at > order.intendedAt - NANOS_PER_MINUTE);
    book.intents.push(order.intendedAt);
  } else if (event.type === 'OrderFilled') {
    const position = book.positions.get(order.instrument) ?? Decimal.ZERO;
    book.positions.set(order.instrument, position.plus(Decimal.parse(event.payload.quantity)));
  }
}

/**
 * When the first open order's patience runs out, or at once when a latch covers an open order that nobody has taken back
 * yet. The host takes the earlier of this and what a simulated venue has due.
 */
export function nextTimeout(state: ExecutionState): Instant | undefined {
  if (hasUncancelledUnderLatch(state)) return state.now + NANOS_PER_MILLISECOND;
  let earliest: Instant | undefined;
  for (const { timeoutAt } of state.open.values()) {
    if (timeoutAt !== undefined && (earliest === undefined || timeoutAt < earliest)) earliest = timeoutAt;
  }
  return earliest;
}

function hasUncancelledUnderLatch(state: ExecutionState): boolean {
  if (state.latches.size === 0) return false;
  for (const order of state.open.values()) {
    if (order.cancelAskedAt === undefined && scopesOf(order).some((scope) => state.latches.has(scope)))
      return true;
  }
  return false;
}

/**
 * Orders whose intent is durable and whose fate is not known, in order of intent. After a crash the host asks the venue
 * for each; nothing is sent again blindly.
 */
export function openIntents(state: ExecutionState): VenueOrder[] {
  return [...state.open.values()].map(venueOrderOf);
}

/** What a host does about one open order after a crash, at the event time at which it should have been done. */
export type RecoveryAction =
  /** Ask the venue whether it knows the order, and submit it only when the venue answers that it does not. */
  | { readonly kind: 'submit-unless-known'; readonly order: VenueOrder; readonly at: Instant }
  /** The question may have been lost with the process; asking again is harmless. */
  | {
      readonly kind: 'query';
      readonly clientOrderId: string;
      readonly book: string;
      readonly venue: string;
      readonly at: Instant;
    };

/**
 * The effects that a crash may have swallowed, in order of intent. Acknowledged orders need none: their reports come, or
 * their silence is noticed.
 */
export function recoveryActions(state: ExecutionState): RecoveryAction[] {
  return [...state.open.values()].flatMap((order): RecoveryAction[] => {
    if (order.status === 'acknowledged') return [];
    if (order.status === 'intended') {
      return [{ kind: 'submit-unless-known', order: venueOrderOf(order), at: order.intendedAt }];
    }
    return [
      {
        kind: 'query',
        clientOrderId: order.clientOrderId,
        book: order.book,
        venue: order.venue,
        at: order.askedAt ?? state.now,
      },
    ];
  });
}

/** Cancels that a crash may have swallowed; for the host to ask for again after the `recoveryActions`. Harmless when done twice. */
export function recoveryCancels(
  state: ExecutionState,
): { readonly clientOrderId: string; readonly book: string; readonly venue: string; readonly at: Instant }[] {
  return [...state.open.values()].flatMap(({ clientOrderId, book, venue, cancelAskedAt }) =>
    cancelAskedAt === undefined ? [] : [{ clientOrderId, book, venue, at: cancelAskedAt }],
  );
}

/** Open orders that a latch covers: what a host cancels at once when it is engaged. */
export function openOrdersUnder(state: ExecutionState, scope: string): VenueOrder[] {
  return openIntents(state).filter((order) => scopesOf(order).includes(scope));
}

/** The correlation of the decision behind an order, for what its venue reports later. */
export function correlationOf(state: ExecutionState, clientOrderId: string): string | undefined {
  return state.orders.get(clientOrderId)?.correlationId;
}
