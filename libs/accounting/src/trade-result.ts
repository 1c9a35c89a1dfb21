import type { DomainEvent, LegValuation, RiskSnapshotTaken } from '@evenkeel/facts';
import { contractValueNumber } from '@evenkeel/instruments';
import type { Contract } from '@evenkeel/instruments';
import type { ContractLookup } from './journal-entries';

/** A trade of an interval, with the price that its decision saw, where the record has it. */
export interface Trade {
  readonly instrument: string;
  /** Signed. */
  readonly quantity: number;
  readonly price: number;
  readonly reference: number | undefined;
  readonly contract: Contract;
}

/** Reference prices of orders by client order id. */
export type ReferencePrices = ReadonlyMap<string, number>;

export function tradesBetween(
  events: readonly DomainEvent[],
  contracts: ContractLookup,
  references: ReferencePrices,
): Trade[] {
  const trades: Trade[] = [];
  for (const event of events) {
    if (event.type !== 'FillApplied' && event.type !== 'PositionAdopted') continue;
    const { instrument, quantity, price } = event.payload;
    const reference = event.type === 'FillApplied' ? references.get(event.payload.clientOrderId) : undefined;
    const contract = contracts(instrument);
    trades.push({ instrument, quantity: Number(quantity), price: Number(price), reference, contract });
  }
  return trades;
}

/** A trade’s P&L up to a mark, in its parts. Numeraire; together they are the whole from price to mark. */
export interface TradeResult {
  /** From the price the decision saw to the mark at the interval’s end; the whole where the record has no such price. */
  readonly move: number;
  /** From that price to the touch: the half spread, and what the market moved while the order was on its way. */
  readonly slippage: number;
  /** Beyond the touch: what the order’s own size cost. */
  readonly impact: number;
}

export interface TradeMarket {
  readonly later: ReadonlyMap<string, LegValuation>;
  readonly before: RiskSnapshotTaken;
  readonly after: RiskSnapshotTaken;
  /** Numeraire per unit of the settlement currency at the interval’s end. */
  readonly settlement: number;
}

/** A trade from its price to the mark at the interval’s end. Of what has no mark there nothing is said: it stays in the residual. */
export function tradeResultOf(trade: Trade, market: TradeMarket): TradeResult {
  const { instrument, price, reference, quantity } = trade;
  if (trade.contract.kind === 'option') {
    const mark = market.later.get(instrument)?.unitValue;
    if (mark === undefined) return { move: 0, slippage: 0, impact: 0 };
    return split(trade, market, (from) => {
      return (quantity * mark - quantity * trade.contract.sizeNumber * from) * market.settlement;
    });
  }
  const mark = market.after.marks.find((used) => used.instrument === instrument);
  if (mark === undefined) return { move: 0, slippage: 0, impact: 0 };
  const now = Number(mark.price);
  if (reference === undefined || !(reference > 0))
    return { move: linearResult(trade, market, price, now), slippage: 0, impact: 0 };
  return split(trade, market, (from) => linearResult(trade, market, from, now));
}

function linearResult({ contract, quantity }: Trade, market: TradeMarket, from: number, to: number): number {
  const gain = contractValueNumber(contract, quantity, to) - contractValueNumber(contract, quantity, from);
  return gain * market.settlement;
}

function split(trade: Trade, market: TradeMarket, resultFrom: (price: number) => number): TradeResult {
  const { price, reference } = trade;
  const whole = resultFrom(price);
  if (reference === undefined) return { move: whole, slippage: 0, impact: 0 };
  const move = resultFrom(reference);
  const touch = touchOf(trade, market.before);
  const buys = trade.quantity > 0;
  const beyond = touch !== undefined && (buys ? price > touch : price < touch);
  const slippage = resultFrom(beyond ? touch : price) - move;
  return { move, slippage, impact: whole - move - slippage };
}

/** The other side’s best price when the decision was taken. */
function touchOf({ instrument, quantity }: Trade, before: RiskSnapshotTaken): number | undefined {
  const mark = before.marks.find((used) => used.instrument === instrument);
  const touch = quantity > 0 ? mark?.ask : mark?.bid;
  return touch === undefined ? undefined : Number(touch);
}
