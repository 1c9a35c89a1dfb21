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

export interface SimError {
  readonly code: number;
  readonly message: string;
}

/** Refusals by Deribit's own codes. */
export const ERRORS = {
  instrument: { code: 10020, message: 'invalid_or_unsupported_instrument' },
  amount: { code: 10021, message: 'invalid_amount' },
  tick: { code: 10043, message: 'price_wrong_tick' },
  price: { code: 10023, message: 'invalid_price' },
  notFound: { code: 10004, message: 'order_not_found' },
  notOpen: { code: 11044, message: 'not_open_order' },
  maintenance: { code: 11051, message: 'system_maintenance' },
  postOnly: { code: 11054, message: 'post_only_reject' },
  selfTrade: { code: 11030, message: 'other_reject self_trade' },
  fillOrKill: { code: 11030, message: 'other_reject fill_or_kill' },
  reduceOnly: { code: 11030, message: 'other_reject reduce_only' },
} as const satisfies Readonly<Record<string, SimError>>;

export function isSimError(value: object): value is SimError {
  return 'code' in value && 'message' in value;
}
