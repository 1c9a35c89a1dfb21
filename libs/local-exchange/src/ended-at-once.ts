import type { OrderRequest, Refusal, SimOrder } from './sim-orders';
import type { SimExchange } from './sim-exchange';

/** What the book would not have, and the venue takes all the same, to end it at once without a trade. */
const ENDED_AT_ONCE: ReadonlySet<Refusal> = new Set<Refusal>(['post-only', 'fill-or-kill', 'self-trade']);

export interface EndedOrder extends SimOrder {
  readonly why: Refusal;
}

/**
 * Orders at venues that answer a request with "taken" and say only afterwards, on the private stream and when asked, that the order
 * ended without a trade.
 */
export class EndedAtOnce {
  private readonly orders: EndedOrder[] = [];

  constructor(
    private readonly exchange: SimExchange,
    private readonly idOf: (serial: number) => string,
  ) {}

  /** The order as it was taken; a refusal where the venue does not even take it. */
  place(account: string, request: OrderRequest, nowMs: number): SimOrder | EndedOrder | Refusal {
    const placed = this.exchange.place(account, request, nowMs);
    if (typeof placed !== 'string' || !ENDED_AT_ONCE.has(placed)) return placed;
    const grid = this.exchange.listing(request.instrument)?.grid;
    const order: EndedOrder = {
      orderId: this.idOf(this.orders.length + 1),
      account,
      connection: request.connection ?? '',
      label: request.label,
      instrument: request.instrument,
      direction: request.direction,
      type: request.type,
      ticks: request.price === undefined ? undefined : grid?.ticksOf(request.price),
      lots: grid?.lotsOf(request.amount) ?? 0,
      filledLots: 0,
      filledTicks: 0,
      state: 'cancelled',
      timeInForce: request.timeInForce,
      postOnly: request.postOnly,
      reduceOnly: request.reduceOnly,
      createdMs: nowMs,
      updatedMs: nowMs,
      trades: [],
      why: placed,
    };
    this.orders.push(order);
    return order;
  }

  ofLabel(account: string, label: string): readonly EndedOrder[] {
    return this.orders.filter((order) => order.account === account && order.label === label);
  }
}

export function whyEnded(order: SimOrder | EndedOrder): Refusal | undefined {
  return 'why' in order ? order.why : undefined;
}
