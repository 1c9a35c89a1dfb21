import type { Core, CoreInput, HedgeDecision, Mark, Step } from '@evenkeel/facts';
import { NOTHING } from '@evenkeel/facts';
import { IntegrityFault, parseDuration, parseInstant } from '@evenkeel/kernel';
import type { Instant, Nanoseconds } from '@evenkeel/kernel';
import { childrenToCancel, nextParentStep, nextParentWake, noteVolume } from './algorithms/parent-work';
import { endOverride, nextOverrideEnd } from './controls/decide';
import { nextOrder } from './decision-orders';
import { advance, evolve, foldLatch } from './evolve-state';
import { bookOf, initialExecution } from './execution-state';
import type { ExecutionState } from './execution-state';
import { onReport, onSilence } from './hedge-order/decide';
import type { HedgeOrderEvent } from './hedge-order/events';
import { isResting } from './hedge-order/queries';
import type { HedgeOrder } from './hedge-order/state';
import { scopesOf } from './kill-switch';
import { nextTimeout } from './open-orders';
import { draftOf } from './order-placement';
import { foldRisk } from './risk-view';
import { askAccount, nextAccountWake, onAccountReport } from './venue-account/decide';
import { foldLimitsGovernance, nextLimits } from './venue-account/governed-limits';
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
    nextWake: (state) =>
      earliest(nextTimeout(state), nextAccountWake(state), nextOverrideEnd(state), nextParentWake(state)),
  };
}

function earliest(...times: readonly (Instant | undefined)[]): Instant | undefined {
  return times.reduce(
    (first, time) => (time !== undefined && (first === undefined || time < first) ? time : first),
    undefined,
  );
}

function observe(state: ExecutionState, input: CoreInput): ExecutionState {
  state.cancelsDue = [];
  state.limitsDue = undefined;
  switch (input.kind) {
    case 'instant':
      advance(state, parseInstant(input.instant.eventTime));
      for (const mark of input.instant.marks) rememberMark(state, mark);
      if (input.instant.marks.length > 0) state.marketAt = state.now;
      if (input.instant.wakes.includes('execution')) scheduleCancels(state);
      break;
    case 'commit':
      advance(state, parseInstant(input.commit.eventTime));
      if (input.commit.aggregate.context === 'risk') {
        foldRisk(bookOf(state, input.commit.book).risk, input.commit);
        break;
      }
      if (input.commit.aggregate.context === 'governance') {
        for (const event of input.commit.events) foldLimitsGovernance(state, input.commit, event);
        break;
      }
      for (const event of input.commit.events) {
        foldLatch(state, event);
        if (event.type === 'HedgeDecided') scheduleWithdrawals(state, event.payload);
      }
      scheduleKillCancels(state);
      break;
    case 'venue':
      advance(state, parseInstant(input.at));
      break;
  }
  return state;
}

/** Execution looks at marks when it has an order to send; until then it only keeps the newest. */
function rememberMark(state: ExecutionState, mark: Mark): void {
  state.prices.set(mark.instrument, mark);
  if (state.working.size > 0) noteVolume(state, mark);
}

/** Resting orders whose time is over, and orders under a latch, are taken back. */
function scheduleCancels(state: ExecutionState): void {
  scheduleKillCancels(state);
  for (const order of state.open.values()) {
    if (order.cancelAskedAt !== undefined || !isResting(order) || order.status !== 'acknowledged') continue;
    if (order.pendingAmend !== undefined) continue;
    if (order.timeoutAt !== undefined && order.timeoutAt <= state.now) askCancel(state, order, 'REST_OVER');
  }
  for (const { order, reason } of childrenToCancel(state)) askCancel(state, order, reason);
}

function scheduleKillCancels(state: ExecutionState): void {
  if (state.latches.size === 0) return;
  for (const order of state.open.values()) {
    if (order.cancelAskedAt === undefined && scopesOf(order).some((scope) => state.latches.has(scope)))
      askCancel(state, order, 'KILL_ENGAGED');
  }
}

/** A policy may take back what it left resting, whether or not the venue has confirmed it yet. */
function scheduleWithdrawals(state: ExecutionState, { withdrawals }: HedgeDecision): void {
  for (const clientOrderId of withdrawals?.clientOrderIds ?? []) {
    const order = state.open.get(clientOrderId);
    if (order !== undefined && isResting(order) && order.cancelAskedAt === undefined)
      askCancel(state, order, 'WITHDRAWN');
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
      return input.instant.wakes.includes('execution')
        ? onWake(state, input.instant.eventTime, timeout)
        : NOTHING;
    case 'commit':
      for (const event of input.commit.events) {
        if (event.type !== 'HedgeDecided') continue;
        const step =
          nextOrder(state, event.payload, timeout) ?? nextParentStep(state, event.payload.at, timeout);
        if (step !== undefined) return step;
      }
      return nextLimits(state) ?? NOTHING;
    case 'venue':
      return onVenue(state, input) ?? nextParentStep(state, input.at, timeout) ?? NOTHING;
  }
}

function onVenue(
  state: ExecutionState,
  input: Extract<CoreInput, { kind: 'venue' }>,
): Step<VenueEffect> | undefined {
  const { report, at, id } = input;
  if (report.kind === 'account') return onAccountReport(state, report, id, at);
  const order = state.orders.get(report.clientOrderId);
  if (order === undefined || order.status === 'refused') {
    const message = `a venue reports on order ${report.clientOrderId}, which was never sent`;
    throw new IntegrityFault({ code: 'EXECUTION.UNKNOWN_ORDER', message });
  }
  const event = onReport(order, report, at);
  return event === undefined ? undefined : orderStep(order, event, at);
}

function onWake(state: ExecutionState, at: string, timeout: Nanoseconds): Step<VenueEffect> {
  for (const order of state.open.values()) {
    if (order.timeoutAt === undefined || order.timeoutAt > state.now) continue;
    return orderStep(order, onSilence(order, at), at);
  }
  const over = endOverride(state);
  if (over !== undefined) return { commits: [over], effects: [] };
  return nextParentStep(state, at, timeout) ?? askAccount(state) ?? NOTHING;
}

function orderStep(order: HedgeOrder, event: HedgeOrderEvent, at: string): Step<VenueEffect> {
  const { clientOrderId, venue, book } = order;
  const effects: VenueEffect[] =
    event.type === 'OrderUnresolved' ? [{ kind: 'query', clientOrderId, book, venue }] : [];
  return { commits: [draftOf(clientOrderId, book, at, event)], effects };
}
