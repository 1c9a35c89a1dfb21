import type { OrderReport } from '@evenkeel/facts';
import type { InstrumentSpec } from '@evenkeel/instruments';
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
  spec: InstrumentSpec | undefined,
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
  if (spec === undefined || quantity === undefined || !quantity.isMultipleOf(Decimal.parse(spec.lotSize)))
    return refused('INVALID_QUANTITY');
  if (limit === undefined || !limit.isPositive() || !limit.isMultipleOf(Decimal.parse(spec.tickSize)))
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
