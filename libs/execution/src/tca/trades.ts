import type { EventPayloads, Side } from '@evenkeel/facts';
import { isDollar, roundToTick } from '@evenkeel/instruments';
import type { Contract } from '@evenkeel/instruments';
import { Decimal, required } from '@evenkeel/kernel';
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
  readonly contract: Contract;
  readonly side: Side;
  readonly quantity: Decimal;
  readonly arrival: Decimal;
  /** USD per unit of the underlying when it was decided; undefined while the record has no price of it. */
  readonly underlyingUsd: Decimal | undefined;
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

/** The far side of the market: quoted, else the middle moved by the contract's assumed half spread, on the tick. */
export function farTouch(quote: Quote | undefined, mid: Decimal, contract: Contract, side: Side): Decimal {
  const quoted = side === 'buy' ? quote?.ask : quote?.bid;
  // A quote of another middle than the order was sent on is moved along with it.
  if (quoted !== undefined && quote !== undefined) return mid.plus(quoted.minus(quote.mid));
  const half = mid.times(contract.halfSpread);
  return side === 'buy'
    ? roundToTick(contract, mid.plus(half), 'ceil')
    : roundToTick(contract, mid.minus(half), 'floor');
}

/** A fee in USD, paid positive: stablecoins at par, coins at their price. */
export function feeInUsd(
  fee: EventPayloads['OrderFilled']['fee'],
  coinUsd: (coin: string) => Decimal | undefined,
): Decimal {
  const paid = Decimal.parse(fee.amount).negated();
  if (isDollar(fee.currency)) return paid;
  return paid.times(required(coinUsd(fee.currency), `the price of ${fee.currency} on record at a fee in it`));
}
