import type { OrderReport } from '@evenkeel/facts';
import { isOnTick } from '@evenkeel/instruments';
import type { Contract } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';

export interface AmendRequest {
  readonly clientOrderId: string;
  /** Positive contracts in total, filled part included. */
  readonly quantity: string;
  readonly limitPrice: string;
}

export interface AmendOutcome {
  /** Positive contracts left in the book. */
  readonly resting: Decimal;
  readonly report: OrderReport;
}

/** New terms for an order of which `resting` of `total` contracts rest. Turned down when nothing rests or the terms are no order. */
export function amendOutcome(
  request: AmendRequest,
  total: Decimal,
  resting: Decimal,
  contract: Contract | undefined,
  wouldTrade: (limit: Decimal) => boolean,
): AmendOutcome {
  const { clientOrderId } = request;
  const refused = (reason: string): AmendOutcome => ({
    resting,
    report: { kind: 'amend-rejected', clientOrderId, reason },
  });
  if (resting.isZero()) return refused('NOT_RESTING');
  const quantity = Decimal.tryParse(request.quantity);
  const limit = Decimal.tryParse(request.limitPrice);
  if (contract === undefined || quantity === undefined || !quantity.isMultipleOf(contract.lot))
    return refused('INVALID_QUANTITY');
  if (limit === undefined || !limit.isPositive() || !isOnTick(contract, limit))
    return refused('INVALID_PRICE');
  const left = quantity.minus(total.minus(resting));
  if (!left.isPositive()) return refused('BELOW_FILLED');
  if (wouldTrade(limit)) return refused('POST_ONLY_WOULD_TRADE');
  return {
    resting: left,
    report: {
      kind: 'amended',
      clientOrderId,
      quantity: quantity.toString(),
      limitPrice: request.limitPrice,
    },
  };
}
