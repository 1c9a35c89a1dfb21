import type { Side, TradeChosen } from '@evenkeel/facts';
import { roundToTick } from '@evenkeel/instruments';
import type { Contract } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';
import type { ObservedPrice } from '../execution-state';

const BPS = Decimal.ofInteger(10_000);
const PRICE_DIGITS = 12;

export interface OrderPrice {
  readonly limitPrice: Decimal;
  readonly timeInForce: 'IOC' | 'POST_ONLY';
}

/**
 * At which price an order goes out. Passive trades rest at their own limit, or at the near side of the market. All others
 * take: immediate-or-cancel with the collar as limit, rounded to the tick towards the market so as never to lie outside.
 */
export function orderPrice(
  trade: Pick<TradeChosen, 'urgency' | 'limitPrice'>,
  side: Side,
  contract: Contract,
  reference: ObservedPrice,
  collarBps: Decimal,
): OrderPrice {
  const price = Decimal.parse(reference.price);
  if (trade.urgency === 'passive') {
    const near = side === 'buy' ? reference.bid : reference.ask;
    const wanted = Decimal.parse(trade.limitPrice ?? near ?? reference.price);
    return {
      limitPrice: roundToTick(contract, wanted, side === 'buy' ? 'floor' : 'ceil'),
      timeInForce: 'POST_ONLY',
    };
  }
  const room = price.times(collarBps).dividedBy(BPS, PRICE_DIGITS);
  const raw = side === 'buy' ? price.plus(room) : price.minus(room);
  return {
    limitPrice: roundToTick(contract, raw, side === 'buy' ? 'floor' : 'ceil'),
    timeInForce: 'IOC',
  };
}

/** |a − b| ÷ b in basis points, to a thousandth. */
export function distanceBps(a: Decimal, b: Decimal): Decimal {
  return a.minus(b).abs().times(BPS).dividedBy(b.abs(), 3, 'half-even');
}
