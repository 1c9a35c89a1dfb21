import type { Side, TimeInForce } from './matching-book';

export interface SimTrade {
  readonly tradeId: string;
  readonly tradeSequence: number;
  /** Place among all trades of the exchange. */
  readonly serial: number;
  readonly instrument: string;
  readonly orderId: string;
  readonly label: string;
  readonly direction: Side;
  readonly ticks: number;
  readonly lots: number;
  readonly liquidity: 'M' | 'T';
  /** In the settlement currency, positive when paid. */
  readonly fee: string;
  readonly atMs: number;
}

export interface SimOrder {
  readonly orderId: string;
  readonly account: string;
  /** The connection that placed it. */
  readonly connection: string;
  readonly label: string;
  readonly instrument: string;
  readonly direction: Side;
  readonly type: 'limit' | 'market';
  ticks: number | undefined;
  lots: number;
  filledLots: number;
  /** Σ ticks × lots of the fills. */
  filledTicks: number;
  state: 'open' | 'filled' | 'cancelled' | 'rejected';
  readonly timeInForce: TimeInForce;
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
  readonly createdMs: number;
  updatedMs: number;
  readonly trades: SimTrade[];
}

export interface OrderRequest {
  /** The connection that places it; empty where nobody asks. */
  readonly connection?: string;
  readonly instrument: string;
  readonly direction: Side;
  readonly amount: string;
  readonly type: 'limit' | 'market';
  readonly price?: string;
  readonly label: string;
  readonly timeInForce: TimeInForce;
  readonly postOnly: boolean;
  readonly rejectPostOnly: boolean;
  readonly reduceOnly: boolean;
}

/** Why the exchange does not do what it is asked; each venue has words and codes of its own for it. */
export type Refusal =
  | 'instrument'
  | 'amount'
  | 'tick'
  | 'price'
  | 'not-found'
  | 'not-open'
  | 'maintenance'
  | 'funds'
  | 'post-only'
  | 'self-trade'
  | 'fill-or-kill'
  | 'reduce-only'
  /** Our id has been used. */
  | 'duplicate';

export function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'string';
}
