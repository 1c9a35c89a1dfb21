import type {
  CommitView,
  Core,
  CoreInput,
  DomainEvent,
  Mark,
  Step,
  VenueAccountOpened,
} from '@evenkeel/facts';
import { NOTHING } from '@evenkeel/facts';
import type { InstrumentSpec } from '@evenkeel/instruments';
import { Decimal, IntegrityFault, NANOS_PER_MINUTE, parseDuration, parseInstant } from '@evenkeel/kernel';
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
import { nextTimeout } from './open-orders';
import { draftOf, nextOrder } from './order-placement';
import type { VenueEffect } from './venue-effect';

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
      if (input.report.kind === 'account') return NOTHING;
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
  return { commits: [draftOf(clientOrderId, book, at, event)], effects };
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
