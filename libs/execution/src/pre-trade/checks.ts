import type { Check, HedgeDecision, Side, TradeChosen } from '@evenkeel/facts';
import { Decimal, NANOS_PER_MINUTE, NANOS_PER_SECOND, parseInstant } from '@evenkeel/kernel';
import type { ExecutionState, ObservedPrice, TradableTerms, VenueAccount } from '../execution-state';
import { scopesOf } from '../kill-switch';
import { grossNotional } from './notional';
import { distanceBps, orderPrice } from './order-price';
import type { OrderPrice } from './order-price';

/** A decision older than this when it reaches execution is not traded on. */
const DECISION_AGE_MAX_SECONDS = 60;

/** Name of a check → the reason code of an order it refuses. */
const REASONS = {
  'kill-latch': 'KILL_ENGAGED',
  'decision-age': 'DECISION_STALE',
  'instrument-permitted': 'INSTRUMENT_RESTRICTED',
  'price-status': 'PRICE_UNAVAILABLE',
  'lot-size': 'LOT_SIZE',
  'minimum-quantity': 'BELOW_MINIMUM',
  'order-quantity': 'ORDER_QUANTITY',
  'price-reference': 'PRICE_REFERENCE',
  'price-collar': 'PRICE_COLLAR',
  'gross-notional': 'GROSS_NOTIONAL',
  'message-rate': 'MESSAGE_RATE',
} as const;

type CheckName = keyof typeof REASONS;

export interface Vetting {
  readonly checks: readonly Check[];
  /** Reason codes of the checks that failed; empty when the order may go. */
  readonly reasons: readonly string[];
  readonly price: OrderPrice | undefined;
  readonly account: VenueAccount | undefined;
}

export interface ProposedOrder {
  readonly decision: HedgeDecision;
  readonly trade: TradeChosen;
  readonly side: Side;
  /** Positive contracts. */
  readonly quantity: Decimal;
  readonly venue: string;
}

class Findings {
  readonly checks: Check[] = [];
  readonly reasons: string[] = [];

  add(name: CheckName, limit: string, observed: string, passed: boolean): boolean {
    this.checks.push({ name, limit, observed, passed });
    if (!passed) this.reasons.push(REASONS[name]);
    return passed;
  }
}

/** Every pre-trade check that can be made of an order, each with its limit and what was observed. A limit itself is allowed. */
export function vet(state: ExecutionState, order: ProposedOrder): Vetting {
  const findings = new Findings();
  const { decision, trade, venue } = order;
  const book = state.books.get(decision.book);
  const engaged = scopesOf({ book: decision.book, venue, instrument: trade.instrument }).filter((scope) =>
    state.latches.has(scope),
  );
  findings.add(
    'kill-latch',
    'released',
    engaged.length === 0 ? 'released' : `engaged: ${engaged.join(', ')}`,
    engaged.length === 0,
  );
  const ageSeconds = Number(state.now - parseInstant(decision.at)) / Number(NANOS_PER_SECOND);
  findings.add(
    'decision-age',
    `${DECISION_AGE_MAX_SECONDS} s`,
    `${ageSeconds} s`,
    ageSeconds <= DECISION_AGE_MAX_SECONDS,
  );
  const account = book?.accounts.get(venue);
  const terms = account?.terms.get(trade.instrument);
  findings.add(
    'instrument-permitted',
    `instruments of ${venue}/${decision.book}`,
    trade.instrument,
    terms !== undefined,
  );
  const reference = state.prices.get(trade.instrument);
  const usable = reference !== undefined && reference.status !== 'HALTED';
  findings.add('price-status', 'OK or DEGRADED', reference?.status ?? 'none', usable);
  if (account === undefined || terms === undefined) return { ...findings, price: undefined, account };
  vetQuantity(findings, order, account, terms);
  const price = usable ? vetPrice(findings, order, account, terms, reference) : undefined;
  vetBook(findings, state, order, account);
  return { checks: findings.checks, reasons: findings.reasons, price, account };
}

function vetQuantity(
  findings: Findings,
  order: ProposedOrder,
  account: VenueAccount,
  terms: TradableTerms,
): void {
  const { quantity, trade } = order;
  const observed = quantity.toString();
  findings.add(
    'lot-size',
    `multiple of ${terms.lotSize.toString()}`,
    observed,
    quantity.isMultipleOf(terms.lotSize),
  );
  const enough = quantity.isPositive() && !quantity.lessThan(terms.minQuantity);
  findings.add('minimum-quantity', terms.minQuantity.toString(), observed, enough);
  const most = account.maxQuantity.get(trade.instrument);
  findings.add(
    'order-quantity',
    most?.toString() ?? 'gross notional only',
    observed,
    most === undefined || !quantity.greaterThan(most),
  );
}

function vetPrice(
  findings: Findings,
  order: ProposedOrder,
  account: VenueAccount,
  terms: TradableTerms,
  reference: ObservedPrice,
): OrderPrice {
  const collar = Decimal.parse(account.limits.priceCollarBps);
  const seen = Decimal.parse(reference.price);
  const decided = distanceBps(Decimal.parse(order.trade.referencePrice), seen);
  findings.add(
    'price-reference',
    `${collar.toString()} bps`,
    `${decided.toString()} bps`,
    !decided.greaterThan(collar),
  );
  const price = orderPrice(order.trade, order.side, terms, reference, collar);
  const distance = distanceBps(price.limitPrice, seen);
  const inside = price.limitPrice.isPositive() && !distance.greaterThan(collar);
  findings.add('price-collar', `${collar.toString()} bps`, `${distance.toString()} bps`, inside);
  return price;
}

function vetBook(
  findings: Findings,
  state: ExecutionState,
  order: ProposedOrder,
  account: VenueAccount,
): void {
  const { decision, trade, side, quantity } = order;
  const signed = side === 'buy' ? quantity : quantity.negated();
  const gross = grossNotional(state, decision.book, { instrument: trade.instrument, quantity: signed });
  const most = Decimal.parse(account.limits.maxGrossNotionalUsd);
  const within = !gross.after.greaterThan(most) || !gross.after.greaterThan(gross.before);
  const observed =
    gross.unpriced.length === 0
      ? `${gross.after.round(2, 'half-even').toString()} USD`
      : `unpriced: ${gross.unpriced.join(', ')}`;
  findings.add('gross-notional', `${most.toString()} USD`, observed, within && gross.unpriced.length === 0);
  const sent =
    state.books.get(decision.book)?.intents.filter((at) => at > state.now - NANOS_PER_MINUTE).length ?? 0;
  const rate = account.limits.maxOrdersPerMinute;
  findings.add('message-rate', `${rate} per minute`, `${sent + 1} per minute`, sent < rate);
}
