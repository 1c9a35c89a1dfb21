import { roundToTick, tickAt } from '@evenkeel/instruments';
import { Decimal, NANOS_PER_MILLISECOND } from '@evenkeel/kernel';
import type { Instant, Nanoseconds } from '@evenkeel/kernel';
import { isResting } from '../hedge-order/queries';
import type { HedgeOrder } from '../hedge-order/state';
import { quoteDistance } from './avellaneda-stoikov';
import { restingOf, standingOf } from './parent-order';
import type { ParentAction, ParentOrder, ParentStanding, ParentView } from './parent-order';

/** So many refused or rejected children in a row end a parent. */
const FAILURES_MAX = 5;
/** So many attempts to take the rest after the horizon. */
const LAST_CHILDREN_MAX = 3;
const HALF = Decimal.parse('0.5');
const QUOTE_DIGITS = 9;

/**
 * What a parent order does next: a pure function of its own fold and of the market as last seen, so the same journal gives the
 * same children. Children that may still fill and fills together never exceed the approved quantity when a child is sent.
 */
export function nextAction(parent: ParentOrder, view: ParentView): ParentAction {
  const standing = standingOf(parent);
  const resting = restingOf(standing);
  if (view.stopped) return stop(parent, standing, resting);
  if (standing.left.isNegative() && resting.length > 0)
    return { kind: 'cancel', orders: resting, reason: 'PARENT_BUDGET' };
  if (standing.open.length === 0) {
    if (!standing.filled.lessThan(parent.approved)) return { kind: 'complete', reason: 'FILLED' };
    if (standing.left.lessThan(view.contract.minQuantity))
      return { kind: 'complete', reason: 'BELOW_MINIMUM' };
    if (parent.failures >= FAILURES_MAX) return { kind: 'complete', reason: 'CHILDREN_FAILED' };
  }
  const pause = pauseUntil(parent, view.now);
  if (view.now >= parent.endsAt) return finish(parent, view, standing, resting, pause);
  if (pause !== undefined) return wait(pause, parent.endsAt);
  if (view.market === undefined || view.market.status === 'HALTED') return wait(parent.endsAt);
  return pursue(parent, view, standing, resting);
}

function stop(parent: ParentOrder, standing: ParentStanding, resting: readonly HedgeOrder[]): ParentAction {
  if (resting.length > 0) return { kind: 'cancel', orders: resting, reason: 'STOPPED' };
  if (standing.open.length > 0) return { kind: 'wait', until: undefined };
  return { kind: 'complete', reason: standing.filled.lessThan(parent.approved) ? 'STOPPED' : 'FILLED' };
}

/** After the horizon: take back what rests, take the rest a few times, and end. */
function finish(
  parent: ParentOrder,
  view: ParentView,
  { open, left }: ParentStanding,
  resting: readonly HedgeOrder[],
  pause: Instant | undefined,
): ParentAction {
  if (resting.length > 0) return { kind: 'cancel', orders: resting, reason: 'HORIZON_OVER' };
  if (open.length > 0) return { kind: 'wait', until: undefined };
  const tried = [...parent.children.values()].filter(({ intendedAt }) => intendedAt >= parent.endsAt).length;
  if (parent.parameters.atEnd === 'leave' || tried >= LAST_CHILDREN_MAX)
    return { kind: 'complete', reason: 'HORIZON_OVER' };
  if (pause !== undefined) return wait(pause);
  return { kind: 'child', quantity: left.roundToStep(view.contract.lot, 'floor'), style: 'take' };
}

/** Within the horizon: towards the target of the algorithm. */
function pursue(
  parent: ParentOrder,
  view: ParentView,
  standing: ParentStanding,
  resting: readonly HedgeOrder[],
): ParentAction {
  const goal = goalOf(parent, view, standing);
  const behind = goal.overdue.minus(standing.filled).minus(takingOf(standing));
  if (behind.isPositive() && !behind.lessThan(view.contract.minQuantity)) {
    if (resting.length > 0) return { kind: 'cancel', orders: resting, reason: 'SLICE_OVER' };
    if (standing.open.some(isResting)) return wait(parent.endsAt);
  }
  const rest = restingPrice(parent, view, standing);
  const moved = goal.pegged ? movedAway(parent, view, resting, rest) : [];
  const patience = repriceInterval(parent);
  const stale = moved.filter((child) => child.termsAt + patience <= view.now);
  const changeable = stale.find(({ fixed }) => !fixed);
  if (changeable !== undefined)
    return { kind: 'amend', order: changeable, limitPrice: rest ?? changeable.limitPrice };
  if (stale.length > 0) return { kind: 'cancel', orders: stale, reason: 'REPRICE' };
  const size = orderable(goal.target.minus(standing.filled).minus(standing.working), standing, view);
  if (size !== undefined) {
    const late = behind.isPositive() && !standing.open.some(isResting);
    const take = parent.parameters.style === 'take' || late;
    const quantity = late && parent.parameters.style === 'passive' ? orderable(behind, standing, view) : size;
    if (quantity !== undefined) {
      const quoted = parent.parameters.quote !== undefined && rest !== undefined;
      return {
        kind: 'child',
        quantity,
        style: take ? 'take' : 'rest',
        ...(quoted ? { limitPrice: rest } : {}),
      };
    }
  }
  const looks =
    parent.parameters.quote === undefined ? [] : resting.map((child) => nextLook(child, view.now, patience));
  return wait(parent.endsAt, goal.next, ...moved.map((child) => child.termsAt + patience), ...looks);
}

interface Goal {
  /** Contracts that should have traded or be working now. */
  readonly target: Decimal;
  /** Contracts that should have traded by now: taken where resting did not bring them. */
  readonly overdue: Decimal;
  /** Resting children follow the touch. */
  readonly pegged: boolean;
  /** When the target changes by itself. */
  readonly next: Instant | undefined;
}

function goalOf(parent: ParentOrder, { now, contract }: ParentView, standing: ParentStanding): Goal {
  const { approved, parameters } = parent;
  const none = Decimal.ZERO;
  switch (parent.algorithm) {
    case 'peg':
    case 'avellaneda-stoikov':
      return { target: approved, overdue: none, pegged: true, next: undefined };
    case 'iceberg': {
      const shown = Decimal.parse(parameters.display ?? approved.toString());
      const target = standing.open.length > 0 ? none : standing.filled.plus(shown).min(approved);
      return { target, overdue: none, pegged: true, next: undefined };
    }
    case 'pov': {
      const share = (parameters.participation ?? 0) * parent.marketVolume;
      const target = Decimal.ofNumber(share, 9).roundToStep(contract.lot, 'floor').min(approved);
      return { target, overdue: none, pegged: true, next: undefined };
    }
    default: {
      const due = parent.schedule.filter(({ at }) => at <= now);
      const next = parent.schedule[due.length]?.at;
      const target = due.at(-1)?.cumulative ?? none;
      const overdue = parameters.style === 'passive' ? (due.at(-2)?.cumulative ?? none) : none;
      return { target, overdue, pegged: false, next };
    }
  }
}

/** Open contracts of children that take. */
function takingOf({ open }: ParentStanding): Decimal {
  return open
    .filter((child) => !isResting(child))
    .reduce((sum, child) => sum.plus(child.remaining), Decimal.ZERO);
}

/** Whole lots of what is due that may go as one order now; with a rest too small for an order of its own, all of it. */
function orderable(due: Decimal, { left }: ParentStanding, { contract }: ParentView): Decimal | undefined {
  const wanted = due.min(left);
  const size = left.minus(wanted).lessThan(contract.minQuantity) ? left : wanted;
  const lots = size.roundToStep(contract.lot, 'floor');
  return wanted.isPositive() && lots.isPositive() && !lots.lessThan(contract.minQuantity) ? lots : undefined;
}

/** The touch on our side of the market; undefined before the market was seen. */
function touchOf(parent: ParentOrder, { market }: ParentView): string | undefined {
  return (parent.side === 'buy' ? market?.bid : market?.ask) ?? market?.price;
}

/**
 * Where a child rests: at the touch; or, quoting, so far behind the middle as what is left and the time left say, on the tick
 * and never across the market.
 */
function restingPrice(parent: ParentOrder, view: ParentView, { filled }: ParentStanding): string | undefined {
  const { market, contract, now } = view;
  const { quote } = parent.parameters;
  const touch = touchOf(parent, view);
  if (quote === undefined || market === undefined || touch === undefined) return touch;
  const price = Decimal.parse(market.price);
  const [bid, ask] = [Decimal.parse(market.bid ?? market.price), Decimal.parse(market.ask ?? market.price)];
  const middle = market.bid !== undefined && market.ask !== undefined ? bid.plus(ask).times(HALF) : price;
  const left = parent.approved.minus(filled).toNumber();
  const seconds = Number(parent.endsAt - now) / 1e9;
  const distance = Decimal.ofNumber(quoteDistance(quote, left, seconds), QUOTE_DIGITS);
  const tick = tickAt(contract, price);
  const wanted =
    parent.side === 'buy'
      ? middle.minus(distance).min(ask.minus(tick))
      : middle.plus(distance).max(bid.plus(tick));
  return roundToTick(contract, wanted.max(tick), parent.side === 'buy' ? 'floor' : 'ceil').toString();
}

/** A quote moves with time alone: a child is looked at again each time its patience has passed. */
function nextLook(child: HedgeOrder, now: Instant, patience: Nanoseconds): Instant {
  const rounds = now < child.termsAt ? 1n : (now - child.termsAt) / patience + 1n;
  return child.termsAt + rounds * patience;
}

/** Resting children that the touch has run away from, or the quote has moved from. What the venue has not confirmed, or is changing, is waited for. */
function movedAway(
  parent: ParentOrder,
  view: ParentView,
  resting: readonly HedgeOrder[],
  rest: string | undefined,
): HedgeOrder[] {
  if (rest === undefined) return [];
  const near = Decimal.parse(rest);
  return resting.filter((child) => {
    if (child.status !== 'acknowledged' || child.pendingAmend !== undefined) return false;
    const limit = Decimal.parse(child.limitPrice);
    const behind = parent.side === 'buy' ? near.minus(limit) : limit.minus(near);
    const away = parent.parameters.quote === undefined ? behind : behind.abs();
    return away.dividedBy(tickAt(view.contract, near), 3).toNumber() >= parent.parameters.repriceTicks;
  });
}

function repriceInterval(parent: ParentOrder): Nanoseconds {
  return BigInt(Math.round(parent.parameters.repriceSeconds * 1000)) * NANOS_PER_MILLISECOND;
}

/** After a failure, or after a take that found too little, the next child waits. */
function pauseUntil(parent: ParentOrder, now: Instant): Instant | undefined {
  const interval = repriceInterval(parent);
  let until = parent.failedAt === undefined ? undefined : parent.failedAt + interval;
  for (const child of parent.children.values()) {
    const found = child.status === 'cancelled' || child.status === 'expired';
    if (!found || isResting(child) || child.remaining.isZero()) continue;
    const next = child.intendedAt + interval;
    if (until === undefined || next > until) until = next;
  }
  return until !== undefined && until > now ? until : undefined;
}

function wait(...times: readonly (Instant | undefined)[]): ParentAction {
  let until: Instant | undefined;
  for (const at of times) if (at !== undefined && (until === undefined || at < until)) until = at;
  return { kind: 'wait', until };
}
