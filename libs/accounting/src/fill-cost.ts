import { markIn } from '@evenkeel/facts';
import type { FillApplied, RiskSnapshotTaken } from '@evenkeel/facts';
import { contractValueNumber } from '@evenkeel/instruments';
import type { Contract } from '@evenkeel/instruments';

/** What a fill was worth, and what it lost on the way. In the settlement currency; what was lost is negative. */
export interface FillCost {
  /** At the price that its decision saw; at its own where the record has no such price. */
  readonly worth: number;
  /** From that price to the touch: the half spread, and what the market moved while the order was on its way. */
  readonly slippage: number;
  /** Beyond the touch: what the order’s own size cost. */
  readonly impact: number;
}

/** `reference`: the price that the order was decided on; `before`: the snapshot with the touch of that moment. */
export function costOfFill(
  contract: Contract,
  fill: Pick<FillApplied, 'instrument' | 'quantity' | 'price' | 'busts'>,
  decided: { readonly reference: number | undefined; readonly before: RiskSnapshotTaken | undefined },
): FillCost {
  const [quantity, price] = [Number(fill.quantity), Number(fill.price)];
  const worthAt = (at: number): number => contractValueNumber(contract, quantity, at);
  const seen = decided.reference;
  const reference = seen !== undefined && seen > 0 ? seen : price;
  // What undoes a fill lies on the other side of the touch.
  const touch = touchOf(decided.before, fill.instrument, quantity > 0 === (fill.busts === undefined));
  const beyond = touch !== undefined && reference !== price && touch.isPassedBy(price);
  const reached = beyond ? touch.price : price;
  return {
    worth: worthAt(reference),
    slippage: worthAt(reference) - worthAt(reached),
    impact: worthAt(reached) - worthAt(price),
  };
}

interface Touch {
  readonly price: number;
  readonly isPassedBy: (price: number) => boolean;
}

/** The other side’s best price when the decision was taken. */
function touchOf(
  before: RiskSnapshotTaken | undefined,
  instrument: string,
  buys: boolean,
): Touch | undefined {
  const mark = before === undefined ? undefined : markIn(before, instrument);
  const best = buys ? mark?.ask : mark?.bid;
  if (best === undefined) return undefined;
  const price = Number(best);
  return { price, isPassedBy: (paid) => (buys ? paid > price : paid < price) };
}
