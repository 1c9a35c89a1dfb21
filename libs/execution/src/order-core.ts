import type { Core, CoreInput, HedgeDecision, Mark, Step } from '@evenkeel/facts';
import { NOTHING, isReadBy, refusalIn } from '@evenkeel/facts';
import { IntegrityFault, parseDuration, parseInstant } from '@evenkeel/kernel';
import type { Instant, Nanoseconds } from '@evenkeel/kernel';
import { nextParentStep, nextParentWake, noteVolume } from './algorithms/parent-work';
import { nextCancels } from './cancels';
import { endOverride, nextOverrideEnd } from './controls/decide';
import { overdueIn } from './deadlines';
import { nextOrder } from './decision-orders';
import { advance, evolve, foldLatch } from './evolve-state';
import { bookOf, initialExecution } from './execution-state';
import type { ExecutionState } from './execution-state';
import { onReport, onSilence, unresolved } from './hedge-order/decide';
import type { HedgeOrderEvent } from './hedge-order/events';
import { isResting } from './hedge-order/queries';
import type { HedgeOrder } from './hedge-order/state';
import { byPlace, withdraw } from './living-orders';
import { nextTimeout, unknownDue } from './open-orders';
import { draftOf } from './order-placement';
import { keptBy, retire } from './retirement';
import { foldRisk } from './risk-view';
import { askAccount, nextAccountWake, onAccountReport } from './venue-account/decide';
import { foldLimitsGovernance, judgeLimits, nextLimits } from './venue-account/governed-limits';
import type { LimitsDue } from './venue-account/limits-due';
import { onForeignOrder } from './venue-account/foreign-orders';
import { foldRequestedAccounts, nextAccount } from './venue-account/requested-accounts';
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
    judging: { judge: judgeLimits, remember },
    decide: (state, input) => decide(state, input, timeout),
    evolve,
    retired: ({ retired }) => retired,
    kept: keptBy,
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
  state.limitsDue = undefined;
  switch (input.kind) {
    case 'instant':
      advance(state, parseInstant(input.instant.eventTime));
      for (const mark of input.instant.marks) rememberMark(state, mark);
      if (input.instant.marks.length > 0) state.marketAt = state.now;
      break;
    case 'commit':
      advance(state, parseInstant(input.commit.eventTime));
      if (input.commit.aggregate.context === 'risk') {
        const { risk, accounts } = bookOf(state, input.commit.book);
        foldRisk(risk, accounts, input.commit);
        break;
      }
      if (input.commit.aggregate.context === 'governance') {
        for (const event of input.commit.events) {
          if (!isReadBy('execution', event)) continue;
          if (event.type === 'BookRequested') {
            const refused = refusalIn(input.commit, event.payload.approval?.proposalId);
            if (refused === undefined) foldRequestedAccounts(state, event.payload);
          } else foldLimitsGovernance(state, input.commit, event);
        }
        break;
      }
      for (const event of input.commit.events) {
        if (!isReadBy('execution', event)) continue;
        foldLatch(state, event);
        if (event.type === 'HedgeDecided') noteWithdrawals(state, event.payload);
      }
      break;
    case 'venue':
      advance(state, parseInstant(input.at));
      break;
  }
  retire(state);
  return state;
}

/** Execution looks at marks when it has an order to send; until then it only keeps the newest. */
function rememberMark(state: ExecutionState, mark: Mark): void {
  state.prices.set(mark.instrument, mark);
  if (state.working.size > 0) noteVolume(state, mark);
}

/** A policy may take back what it left resting, whether or not the venue has confirmed it yet. */
function noteWithdrawals(state: ExecutionState, { withdrawals }: HedgeDecision): void {
  for (const clientOrderId of withdrawals?.clientOrderIds ?? []) {
    const order = state.open.get(clientOrderId);
    if (order !== undefined && isResting(order)) withdraw(state, order);
  }
}

function remember(state: ExecutionState, due: LimitsDue): ExecutionState {
  state.limitsDue = due;
  return state;
}

/** What ends comes before what begins: cancels first. On instants of the market alone execution only looks. */
function decide(state: ExecutionState, input: CoreInput, timeout: Nanoseconds): Step<VenueEffect> {
  const woken = input.kind === 'instant' && input.instant.wakes.includes('execution');
  if (input.kind === 'instant' && !woken) return NOTHING;
  return nextCancels(state, woken) ?? consequences(state, input, timeout);
}

function consequences(state: ExecutionState, input: CoreInput, timeout: Nanoseconds): Step<VenueEffect> {
  switch (input.kind) {
    case 'instant':
      return onWake(state, input.instant.eventTime, timeout);
    case 'commit':
      for (const event of input.commit.events) {
        if (event.type !== 'HedgeDecided') continue;
        const step =
          nextOrder(state, event.payload, timeout) ?? nextParentStep(state, event.payload.at, timeout);
        if (step !== undefined) return step;
      }
      return nextLimits(state) ?? openedAccount(state) ?? NOTHING;
    case 'venue':
      return onVenue(state, input) ?? nextParentStep(state, input.at, timeout) ?? NOTHING;
  }
}

function openedAccount(state: ExecutionState): Step<VenueEffect> | undefined {
  const account = nextAccount(state);
  return account === undefined ? undefined : { commits: [account], effects: [] };
}

function onVenue(
  state: ExecutionState,
  input: Extract<CoreInput, { kind: 'venue' }>,
): Step<VenueEffect> | undefined {
  const { report, at, id, account } = input;
  if (report.kind === 'account') return onAccountReport(state, report, id, at);
  const order = state.orders.get(report.clientOrderId);
  if (order === undefined || order.status === 'refused') {
    if (account !== undefined) return onForeignOrder(state, account, report, id, at);
    const message = `a venue reports on order ${report.clientOrderId}, which was never sent`;
    throw new IntegrityFault({ code: 'EXECUTION.UNKNOWN_ORDER', message });
  }
  const event = onReport(order, report, at);
  return event === undefined ? undefined : orderStep(order, event, at);
}

function onWake(state: ExecutionState, at: string, timeout: Nanoseconds): Step<VenueEffect> {
  const [silent] = overdueIn(state.deadlines, state.now).sort(byPlace);
  if (silent !== undefined) return orderStep(silent, onSilence(silent, at), at);
  const unknown = unknownDue(state);
  if (unknown !== undefined) return orderStep(unknown, unresolved(unknown, at), at);
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
