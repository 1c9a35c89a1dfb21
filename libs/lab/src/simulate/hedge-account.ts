import { math } from '@evenkeel/pricing';
import type { HedgeRule, StepView } from './hedge-rule';
import type { SimulatedOption, SimulationConfig } from './simulated-world';

/** What became of each path of a block under one policy; quote currency at the start (present values) unless said otherwise. */
export interface BlockOutcome {
  /** Cost of having the book and hedging it, its premium left out: −(pay-offs + hedge flows − costs). */
  readonly hedgeCostPv: Float64Array;
  /** Fees, spreads and impact paid. */
  readonly costs: Float64Array;
  /** Trades in the underlying, the opening and the closing one included. */
  readonly trades: Float64Array;
  /** Notional traded, Σ|x|·S, not discounted. */
  readonly turnover: Float64Array;
}

/** The hedge position and the money of every path of a block under one rule. Flows are taken at their present value at the start. */
export class HedgeAccount {
  private readonly held: Float64Array;
  private readonly wanted: Float64Array;
  /** Present value of all flows so far: pay-offs, hedge trades at mid, yield. */
  private readonly flows: Float64Array;
  private readonly costs: Float64Array;
  private readonly trades: Float64Array;
  private readonly turnover: Float64Array;

  constructor(
    private readonly config: SimulationConfig,
    private readonly spot: Float64Array,
    private readonly rule: HedgeRule,
  ) {
    const column = (): Float64Array => new Float64Array(spot.length);
    this.held = column();
    this.wanted = column();
    this.flows = column();
    this.costs = column();
    this.trades = column();
    this.turnover = column();
  }

  /** What holding the underlying over the last `years` yielded, sold at the price now. */
  receiveYield(years: number, time: number): void {
    const { q, r } = this.config.market;
    if (q === 0) return;
    const rate = math.expm1(q * years) * math.exp(-r * time);
    for (let i = 0; i < this.flows.length; i += 1)
      this.flows[i] = (this.flows[i] ?? 0) + rate * (this.held[i] ?? 0) * (this.spot[i] ?? 0);
  }

  /** Pays an option off; physical delivery changes the hedge position instead, against the strike. */
  settle({ type, K, quantity }: SimulatedOption, time: number): void {
    const discount = math.exp(-this.config.market.r * time);
    const sign = type === 'call' ? 1 : -1;
    const physical = this.config.hedge.settlement === 'physical';
    for (let i = 0; i < this.flows.length; i += 1) {
      const intrinsic = sign * ((this.spot[i] ?? 0) - K);
      if (intrinsic <= 0) continue;
      if (physical) {
        this.held[i] = (this.held[i] ?? 0) + quantity * sign;
        this.flows[i] = (this.flows[i] ?? 0) - discount * quantity * sign * K;
      } else this.flows[i] = (this.flows[i] ?? 0) + discount * quantity * intrinsic;
    }
  }

  hedge(view: StepView): void {
    this.rule.decide(view, this.held, this.wanted);
    this.trade(view.time);
  }

  /** Trades the hedge away, or closes it at the price where that is free. */
  close(time: number): void {
    if (this.config.hedge.settlement !== 'free') {
      this.wanted.fill(0);
      this.trade(time);
      return;
    }
    const discount = math.exp(-this.config.market.r * time);
    for (let i = 0; i < this.flows.length; i += 1)
      this.flows[i] = (this.flows[i] ?? 0) + discount * (this.held[i] ?? 0) * (this.spot[i] ?? 0);
  }

  outcome(): BlockOutcome {
    const hedgeCostPv = new Float64Array(this.flows.length);
    for (let i = 0; i < hedgeCostPv.length; i += 1)
      hedgeCostPv[i] = (this.costs[i] ?? 0) - (this.flows[i] ?? 0);
    return { hedgeCostPv, costs: this.costs, trades: this.trades, turnover: this.turnover };
  }

  private trade(time: number): void {
    const { proportional, fixed, impact } = this.config.hedge.costs;
    const { temporary, squareRoot, permanent } = impact;
    const discount = math.exp(-this.config.market.r * time);
    const { held, wanted, spot, flows, costs, trades, turnover } = this;
    for (let i = 0; i < wanted.length; i += 1) {
      const x = (wanted[i] ?? 0) - (held[i] ?? 0);
      if (x === 0) continue;
      const price = spot[i] ?? 0;
      const size = x < 0 ? -x : x;
      const notional = size * price;
      held[i] = wanted[i] ?? 0;
      flows[i] = (flows[i] ?? 0) - discount * x * price;
      trades[i] = (trades[i] ?? 0) + 1;
      turnover[i] = (turnover[i] ?? 0) + notional;
      let cost = fixed + notional * proportional;
      if (temporary > 0) cost += notional * temporary * size;
      if (squareRoot > 0) cost += notional * squareRoot * Math.sqrt(size);
      if (permanent > 0) {
        const move = math.expm1(permanent * x);
        cost += (price * move) / permanent - x * price;
        spot[i] = price * (1 + move);
      }
      costs[i] = (costs[i] ?? 0) + discount * cost;
    }
  }
}
