import type { Check } from '@evenkeel/facts';
import type { Contract } from '@evenkeel/instruments';
import { Decimal, NANOS_PER_MINUTE, NANOS_PER_SECOND } from '@evenkeel/kernel';
import { executionsWithin } from '../controls/book-controls';
import type { BookExecution, ExecutionState, ObservedPrice, VenueAccount } from '../execution-state';
import { workingOf } from '../hedge-order/queries';
import { scopesOf } from '../kill-switch';
import { budgetLeft } from '../parent-budget';
import { countAfter } from '../recent-times';
import { dailyLoss } from '../risk-view';
import { haltOf } from '../venue-account/account-watch';
import { recentDuplicate } from './duplicates';
import { Findings } from './findings';
import { greeksAfter } from './greeks-after';
import { exposureOf, notionalAt } from './notional';
import type { TradeExposure } from './notional';
import { distanceBps, orderPrice } from './order-price';
import type { OrderPrice } from './order-price';
import type { ProposedOrder } from './proposed-order';

/** A decision older than this when it reaches execution is not traded on. */
const DECISION_AGE_MAX_SECONDS = 60;
const USD_DIGITS = 2;

export interface Vetting {
  readonly checks: readonly Check[];
  /** Reason codes of the checks that failed; empty when the order may go. */
  readonly reasons: readonly string[];
  readonly price: OrderPrice | undefined;
  readonly account: VenueAccount | undefined;
}

/** Every pre-trade check that can be made of an order, each with its limit and what was observed. A limit itself is allowed. */
export function vet(state: ExecutionState, order: ProposedOrder): Vetting {
  const book = state.books.get(order.book);
  const findings = new Findings(book?.controls, order.instrument, state.now);
  const account = book?.accounts.get(order.venue);
  const contract = account?.contracts.get(order.instrument);
  const reference = state.prices.get(order.instrument);
  const usable = reference !== undefined && reference.status !== 'HALTED';
  vetPermission(findings, state, order, book);
  findings.add('price-status', 'OK or DEGRADED', reference?.status ?? 'none', usable);
  if (book === undefined || account === undefined || contract === undefined)
    return { checks: findings.checks, reasons: findings.reasons, price: undefined, account };
  vetQuantity(findings, order, account, contract);
  vetBudget(findings, state, order);
  const price = usable ? vetPrice(findings, order, account, contract, reference) : undefined;
  vetExposure(findings, state, order, account, contract);
  vetBook(findings, state, order, book, account, price);
  return { checks: findings.checks, reasons: findings.reasons, price, account };
}

function vetPermission(
  findings: Findings,
  state: ExecutionState,
  order: ProposedOrder,
  book: BookExecution | undefined,
): void {
  const engaged = state.latches.size === 0 ? [] : scopesOf(order).filter((scope) => state.latches.has(scope));
  const latch = engaged.length === 0 ? 'released' : `engaged: ${engaged.join(', ')}`;
  findings.add('kill-latch', 'released', latch, engaged.length === 0);
  const account = book?.accounts.get(order.venue);
  const halted = account && haltOf(account.watch, account.read.reconciliation);
  findings.add('venue-halt', 'open', halted ?? 'open', halted === undefined);
  const ageSeconds = Number(state.now - order.decidedInstant) / Number(NANOS_PER_SECOND);
  const young = ageSeconds <= DECISION_AGE_MAX_SECONDS;
  findings.add('decision-age', `${DECISION_AGE_MAX_SECONDS} s`, `${ageSeconds} s`, young);
  const known = account?.contracts.has(order.instrument) === true;
  findings.add(
    'instrument-permitted',
    `instruments of ${order.venue}/${order.book}`,
    order.instrument,
    known,
  );
  const restricted =
    book?.controls.restrictions.get(order.instrument)?.restricted ??
    account?.read.restricted.has(order.instrument) === true;
  findings.add('restricted-list', 'not on it', restricted ? 'on it' : 'not on it', !restricted);
}

function vetQuantity(
  findings: Findings,
  order: ProposedOrder,
  account: VenueAccount,
  contract: Contract,
): void {
  const { quantity, instrument } = order;
  const observed = quantity.toString();
  const lots = quantity.isMultipleOf(contract.lot);
  findings.add('lot-size', `multiple of ${contract.lot.toString()}`, observed, lots);
  const enough = quantity.isPositive() && !quantity.lessThan(contract.minQuantity);
  findings.add('minimum-quantity', contract.minQuantity.toString(), observed, enough);
  const most = account.read.maxQuantity.get(instrument);
  const within = most === undefined || !quantity.greaterThan(most);
  findings.add('order-quantity', most?.toString() ?? 'order notional only', observed, within, quantity);
}

/** A child spends its parent's budget; an order that carries out a trade whole may not exceed the trade. */
function vetBudget(findings: Findings, state: ExecutionState, order: ProposedOrder): void {
  const { parentId, quantity, approved, replaces } = order;
  const parent = parentId === undefined ? undefined : state.parents.get(parentId);
  const own = replaces === undefined ? Decimal.ZERO : workingOf(replaces);
  const left =
    parentId === undefined ? approved : parent === undefined ? Decimal.ZERO : budgetLeft(parent).plus(own);
  findings.add('parent-budget', left.toString(), quantity.toString(), !quantity.greaterThan(left));
}

function vetPrice(
  findings: Findings,
  order: ProposedOrder,
  account: VenueAccount,
  contract: Contract,
  reference: ObservedPrice,
): OrderPrice {
  const collar = account.read.collarBps;
  const limit = `${collar.toString()} bps`;
  const seen = Decimal.parse(reference.price);
  const decided = distanceBps(Decimal.parse(order.referencePrice), seen);
  findings.add('price-reference', limit, `${decided.toString()} bps`, !decided.greaterThan(collar));
  const price = orderPrice(order, order.side, contract, reference, collar);
  const distance = distanceBps(price.limitPrice, seen);
  const inside = price.limitPrice.isPositive() && !distance.greaterThan(collar);
  findings.add('price-collar', limit, `${distance.toString()} bps`, inside);
  return price;
}

const usd = (amount: Decimal): string => `${amount.round(USD_DIGITS, 'half-even').toString()} USD`;

function vetExposure(
  findings: Findings,
  state: ExecutionState,
  order: ProposedOrder,
  account: VenueAccount,
  contract: Contract,
): void {
  const { read } = account;
  const signed = order.side === 'buy' ? order.quantity : order.quantity.negated();
  const own = notionalAt(contract, order.quantity, state.prices.get(order.instrument));
  const largest = read.maxOrderNotional;
  findings.add(
    'order-notional',
    largest === undefined ? 'gross notional only' : usd(largest),
    own === undefined ? 'unpriced' : usd(own),
    largest === undefined || (own !== undefined && !own.greaterThan(largest)),
    own,
  );
  const exposure = exposureOf(state, order.book, {
    instrument: order.instrument,
    quantity: signed,
    venue: order.venue,
    replaces: order.replaces,
  });
  const most = read.maxPosition.get(order.instrument);
  const { before, after } = exposure.position;
  const position = most === undefined || !after.greaterThan(most) || !after.greaterThan(before);
  findings.add(
    'position-after',
    most?.toString() ?? 'gross notional only',
    after.toString(),
    position,
    after,
  );
  vetNotional(findings, 'gross-notional', read.maxGross, exposure.gross, exposure.unpriced);
  vetNotional(findings, 'venue-notional', read.maxVenueNotional, exposure.atVenue, exposure.unpriced);
  const limits = read.greeks.get(contract.underlying) ?? [];
  for (const { name, limit, observed, passed, value } of greeksAfter(state, order, contract, limits))
    findings.add(name, limit, observed, passed, value);
}

function vetNotional(
  findings: Findings,
  name: 'gross-notional' | 'venue-notional',
  most: Decimal | undefined,
  { before, after }: TradeExposure,
  unpriced: readonly string[],
): void {
  if (most === undefined) {
    findings.add(name, 'gross notional only', usd(after), true);
    return;
  }
  const within = !after.greaterThan(most) || !after.greaterThan(before);
  const observed = unpriced.length === 0 ? usd(after) : `unpriced: ${unpriced.join(', ')}`;
  findings.add(
    name,
    usd(most),
    observed,
    within && unpriced.length === 0,
    unpriced.length === 0 ? after : undefined,
  );
}

function vetBook(
  findings: Findings,
  state: ExecutionState,
  order: ProposedOrder,
  book: BookExecution,
  account: VenueAccount,
  price: OrderPrice | undefined,
): void {
  const { read, limits } = account;
  const loss = dailyLoss(book.risk);
  const allowed = read.maxDailyLoss;
  findings.add(
    'daily-loss',
    allowed?.toString() ?? 'none',
    loss?.toString() ?? 'no snapshot yet',
    allowed === undefined || (loss !== undefined && !loss.greaterThan(allowed)),
  );
  const sent = countAfter(book.intents, state.now - NANOS_PER_MINUTE);
  const rate = limits.maxOrdersPerMinute;
  findings.add('message-rate', `${rate} per minute`, `${sent + 1} per minute`, sent < rate);
  const tripped = book.controls.repetitions.get(order.instrument)?.tripped !== undefined;
  const { decisionId, instrument } = order;
  const before = executionsWithin(book.controls, instrument, decisionId, state.now, read.throttleWindow);
  const repeats = `${before + 1} within ${read.throttleWindowText}${tripped ? ', tripped' : ''}`;
  findings.add('repeated-execution', String(read.maxRepeats), repeats, !tripped && before < read.maxRepeats);
  const twin = recentDuplicate(state, book, order, price, read.duplicateWindow);
  findings.add('duplicate-order', 'none', twin ?? 'none', twin === undefined);
}
