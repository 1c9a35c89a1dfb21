import type { AccountDifference, VenueReport } from '@evenkeel/facts';
import { Decimal } from '@evenkeel/kernel';
import type { BookExecution, ExecutionState, VenueAccount } from '../execution-state';
import { isResting, workingOf } from '../hedge-order/queries';
import type { HedgeOrder } from '../hedge-order/state';
import { livingOf } from '../living-orders';
import { differenceKey } from './account-watch';

export type AccountReport = Extract<VenueReport, { kind: 'account' }>;

export interface Comparison {
  readonly differences: readonly AccountDifference[];
  readonly positions: number;
  readonly outsideScope: readonly string[];
}

/**
 * Holds a venue's account against our own books. What is on its way (open orders, fills since the question) makes our side a
 * range, and nothing inside it is a difference. Sorted by kind and name.
 */
export function compareAccount(
  state: ExecutionState,
  book: BookExecution,
  account: VenueAccount,
  report: AccountReport,
): Comparison {
  const open = livingOf(book).filter((order) => order.venue === report.venue);
  const theirs = new Map(report.positions.map(({ instrument, quantity }) => [instrument, quantity]));
  const instruments = [...account.contracts.keys()].sort();
  const differences = [
    ...instruments.flatMap((instrument) => {
      const mine = open.filter((order) => order.instrument === instrument);
      return positionDifference(book, account, instrument, theirs.get(instrument) ?? '0', mine);
    }),
    ...orderDifferences(state, account, report, open),
    ...excessFills(state, account, report),
    ...(open.length > 0 ? [] : balanceDifferences(account, report)),
  ];
  const outsideScope = [...theirs.keys()].filter((instrument) => !account.contracts.has(instrument)).sort();
  return { differences, positions: instruments.length, outsideScope };
}

function positionDifference(
  book: BookExecution,
  account: VenueAccount,
  instrument: string,
  theirs: string,
  open: readonly HedgeOrder[],
): AccountDifference[] {
  const held = book.positions.get(instrument) ?? Decimal.ZERO;
  const moved = account.watch.sinceAsked.get(instrument);
  let low = held.minus(moved?.bought ?? Decimal.ZERO);
  let high = held.plus(moved?.sold ?? Decimal.ZERO);
  for (const order of open) {
    if (order.side === 'buy') high = high.plus(workingOf(order));
    else low = low.minus(workingOf(order));
  }
  const tolerance = account.limits.reconciliation?.positionTolerance ?? '0';
  const found = Decimal.parse(theirs).minus(acceptedGap(account, 'position', instrument));
  const ours = low.equals(high) ? held.toString() : `[${low.toString()}, ${high.toString()}]`;
  return differenceOf('position', instrument, { low, high, ours }, found, theirs, tolerance);
}

interface OurSide {
  readonly low: Decimal;
  readonly high: Decimal;
  readonly ours: string;
}

function differenceOf(
  kind: string,
  name: string,
  { low, high, ours }: OurSide,
  found: Decimal,
  theirs: string,
  tolerance: string,
): AccountDifference[] {
  const distance = low.minus(found).max(found.minus(high));
  if (!distance.isPositive()) return [];
  const tolerable = !distance.greaterThan(Decimal.parse(tolerance));
  return [{ kind, name, ours, theirs, tolerance, tolerable }];
}

/** How far the venue was from us when a person accepted it; zero otherwise. */
function acceptedGap(account: VenueAccount, kind: string, name: string): Decimal {
  const accepted = account.watch.accepted.get(differenceKey({ kind, name }));
  const ours = accepted && Decimal.tryParse(accepted.ours);
  return accepted === undefined || ours === undefined
    ? Decimal.ZERO
    : Decimal.parse(accepted.theirs).minus(ours);
}

/** An order there that is not here can trade without us; one here that is not there is asked for, and is no reason to stop. */
function orderDifferences(
  state: ExecutionState,
  account: VenueAccount,
  report: AccountReport,
  open: readonly HedgeOrder[],
): AccountDifference[] {
  const kind = 'open-order';
  const differences: AccountDifference[] = [];
  for (const { clientOrderId, remaining } of report.openOrders) {
    const order = state.orders.get(clientOrderId);
    // Somebody else's may trade: what it trades is adopted.
    if (order === undefined && account.limits.reconciliation?.adoptTrades === true) continue;
    const working = order === undefined ? Decimal.ZERO : workingOf(order);
    if (!Decimal.parse(remaining).greaterThan(working)) continue;
    if (account.watch.accepted.has(differenceKey({ kind, name: clientOrderId }))) continue;
    // It may have ended between the venue's answer and now.
    if (order?.closedAt !== undefined && order.closedAt >= (account.watch.askedAt ?? 0n)) continue;
    differences.push({
      kind,
      name: clientOrderId,
      ours: working.toString(),
      theirs: remaining,
      tolerance: '0',
      tolerable: false,
    });
  }
  const listed = new Set(report.openOrders.map(({ clientOrderId }) => clientOrderId));
  for (const order of open) {
    const settled = isResting(order) && order.status === 'acknowledged' && order.cancel === undefined;
    if (!settled || listed.has(order.clientOrderId)) continue;
    if (account.watch.askedAt === undefined || order.intendedAt >= account.watch.askedAt) continue;
    differences.push({
      kind,
      name: order.clientOrderId,
      ours: order.remaining.toString(),
      theirs: 'not listed',
      tolerance: 'asked for',
      tolerable: true,
    });
  }
  return differences.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** What the venue filled beyond an order is in our books; why it did must be known before anything else is sent to it. */
function excessFills(
  state: ExecutionState,
  account: VenueAccount,
  { book, venue }: AccountReport,
): AccountDifference[] {
  const kind = 'excess-fill';
  return [...state.overfilled.values()]
    .filter((order) => order.book === book && order.venue === venue)
    .filter(({ clientOrderId: name }) => !account.watch.accepted.has(differenceKey({ kind, name })))
    .map(({ clientOrderId, quantity, excess }) => ({
      kind,
      name: clientOrderId,
      ours: quantity.toString(),
      theirs: quantity.plus(excess).toString(),
      tolerance: '0',
      tolerable: false,
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * Movements since the first quiet comparison must be those of our own fills; only compared while nothing is on its way. Funding
 * at the venue is not known here.
 */
function balanceDifferences(account: VenueAccount, report: AccountReport): AccountDifference[] {
  const { opening, ledger, sinceAsked } = account.watch;
  if (opening === undefined || sinceAsked.size > 0) return [];
  const tolerance = account.limits.reconciliation?.balanceTolerance ?? '0';
  const theirs = new Map(report.balances.map(({ currency, amount }) => [currency, amount]));
  const currencies = new Set([...theirs.keys(), ...opening.keys(), ...ledger.cash.keys()]);
  return [...currencies].sort().flatMap((currency) => {
    const moved = ledger.cash.get(currency) ?? Decimal.ZERO;
    const ours = (opening.get(currency) ?? Decimal.ZERO).plus(moved);
    const amount = theirs.get(currency) ?? '0';
    const found = Decimal.parse(amount).minus(acceptedGap(account, 'balance', currency));
    const side = { low: ours, high: ours, ours: ours.toString() };
    return differenceOf('balance', currency, side, found, amount, tolerance);
  });
}
