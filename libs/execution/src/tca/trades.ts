import type { EventPayloads, Side } from '@evenkeel/facts';
import type { InstrumentSpec } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';

/** A middle of the market with its sides, where they were quoted. */
export interface Quote {
  readonly mid: Decimal;
  readonly bid: Decimal | undefined;
  readonly ask: Decimal | undefined;
}

export interface FillSeen {
  readonly fillId: string;
  readonly clientOrderId: string;
  readonly at: Instant;
  readonly quantity: Decimal;
  readonly price: Decimal;
  readonly liquidity: 'maker' | 'taker';
  readonly sentMid: Decimal;
  readonly sentTouch: Decimal;
  readonly tradedMid: Decimal;
  /** USD, paid positive. */
  readonly fee: Decimal;
  /** Middle after each horizon; undefined where the record ends before. */
  readonly marks: (Decimal | undefined)[];
}

/** One decided trade on its way from decision to end. */
export interface TradeSeen {
  readonly id: string;
  readonly decisionId: string;
  readonly book: string;
  readonly instrument: string;
  readonly venue: string;
  readonly spec: InstrumentSpec;
  readonly side: Side;
  readonly quantity: Decimal;
  readonly arrival: Decimal;
  readonly quoteUsd: Decimal;
  readonly at: Instant;
  algorithm: string;
  readonly fills: FillSeen[];
  /** Orders sent for it. */
  orders: number;
  /** Middle when the last order of it ended. */
  endMid: Decimal;
}

/** What is known of an order until it ends. */
export interface OrderSeen {
  readonly trade: TradeSeen;
  readonly sentMid: Decimal;
  readonly sentTouch: Decimal;
}

const BPS = Decimal.ofInteger(10_000);
const PRICE_DIGITS = 12;

/** The far side of the market: quoted, else the middle moved by the contract's assumed half spread, on the tick. */
export function farTouch(quote: Quote | undefined, mid: Decimal, spec: InstrumentSpec, side: Side): Decimal {
  const quoted = side === 'buy' ? quote?.ask : quote?.bid;
  const tick = Decimal.parse(spec.tickSize);
  // A quote of another middle than the order was sent on is moved along with it.
  if (quoted !== undefined && quote !== undefined) return mid.plus(quoted.minus(quote.mid));
  const half = mid.times(Decimal.parse(spec.halfSpreadBps)).dividedBy(BPS, PRICE_DIGITS);
  return side === 'buy'
    ? mid.plus(half).roundToStep(tick, 'ceil')
    : mid.minus(half).roundToStep(tick, 'floor');
}

/** A fee in USD, paid positive: stablecoins at par, coins at their price. */
export function feeInUsd(
  fee: EventPayloads['OrderFilled']['fee'],
  coinUsd: (coin: string) => Decimal | undefined,
): Decimal {
  const paid = Decimal.parse(fee.amount).negated();
  if (['USD', 'USDT', 'USDC'].includes(fee.currency)) return paid;
  return paid.times(coinUsd(fee.currency) ?? Decimal.ZERO);
}
