import type { EventPayloads } from '@evenkeel/facts';
import { isOfWholeLots, tradePriceProblem } from '@evenkeel/instruments';
import type { Contract, TradeMarket } from '@evenkeel/instruments';
import { Decimal, formatInstant, parseInstant } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import type { RiskState } from './state';

type SaidTrade = Pick<
  EventPayloads['TradeBooked'],
  'at' | 'quantity' | 'price' | 'tradeRules' | 'priceMeant'
> & { readonly tradedAt?: string };

/** A desk's clock may be this far before the market's, nanoseconds. */
const CLOCKS_APART = 60_000_000_000n;

/**
 * Why a trade is not taken in, held against what is known at this moment: it is not of the future, leaves no part of a lot, and its
 * price is near the market's unless the person means it. A trade recorded before there were rules is taken as it was said.
 */
export function tradeProblem(
  state: RiskState,
  contract: Contract,
  trade: SaidTrade,
  held: Decimal,
  now: Instant,
): { readonly reasons: readonly string[] } | undefined {
  const { tradeRules = 0, priceMeant = false, tradedAt = trade.at, at, quantity, price } = trade;
  if (tradeRules < 1) return undefined;
  // Without a time of its own a trade has the person's clock, which on a tape is not the market's.
  if (tradedAt !== at && parseInstant(tradedAt) > now + CLOCKS_APART)
    return refusal('TRADE_IN_THE_FUTURE', `${tradedAt} is after ${formatInstant(now)}`);
  if (!isOfWholeLots(contract, Decimal.parse(quantity), held))
    return refusal('NOT_WHOLE_LOTS', `${quantity} is no multiple of the lot ${contract.lot.toString()}`);
  if (priceMeant) return undefined;
  const problem = tradePriceProblem(contract, Decimal.parse(price), marketOf(state, contract));
  return problem === undefined ? undefined : refusal('PRICE_FAR_FROM_MARKET', problem);
}

const refusal = (code: string, told: string): { readonly reasons: readonly string[] } => ({
  reasons: [code, told],
});

function marketOf(state: RiskState, { id, underlying }: Contract): TradeMarket {
  const known = state.marks[id];
  const mark = Number(known?.believed ?? '');
  const forward = known?.forward ?? 0;
  const spot = forward > 0 ? forward : (state.spots[underlying]?.price ?? 0);
  return { ...(mark > 0 ? { mark } : {}), ...(spot > 0 ? { underlying: spot } : {}) };
}
