import { math } from '@evenkeel/pricing';
import type { PathAccount, PathKernel } from '@evenkeel/pricing';
import type { HedgeRule, StepView } from './hedge-rule';
import type { SimulatedOption, SimulationConfig } from './simulated-world';

/** What became of each path under one policy; quote currency at the start (present values) unless said otherwise. */
export interface PathOutcomes {
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
  private readonly own: PathAccount;

  constructor(
    private readonly config: SimulationConfig,
    private readonly spot: Float64Array,
    private readonly rule: HedgeRule,
    private readonly paths: PathKernel,
  ) {
    this.own = paths.account();
  }

  /** What holding the underlying over the last `years` yielded, sold at the price now. */
  receiveYield(years: number, time: number): void {
    const { q, r } = this.config.market;
    if (q === 0) return;
    const rate = math.expm1(q * years) * math.exp(-r * time);
    const { flows, held } = this.own;
    for (let i = 0; i < flows.length; i += 1)
      flows[i] = (flows[i] ?? 0) + rate * (held[i] ?? 0) * (this.spot[i] ?? 0);
  }

  /** Pays an option off; physical delivery changes the hedge position instead, against the strike. */
  settle({ type, K, quantity }: SimulatedOption, time: number): void {
    const discount = math.exp(-this.config.market.r * time);
    const sign = type === 'call' ? 1 : -1;
    const physical = this.config.hedge.settlement === 'physical';
    const { flows, held } = this.own;
    for (let i = 0; i < flows.length; i += 1) {
      const intrinsic = sign * ((this.spot[i] ?? 0) - K);
      if (intrinsic <= 0) continue;
      if (physical) {
        held[i] = (held[i] ?? 0) + quantity * sign;
        flows[i] = (flows[i] ?? 0) - discount * quantity * sign * K;
      } else flows[i] = (flows[i] ?? 0) + discount * quantity * intrinsic;
    }
  }

  hedge(view: StepView): void {
    this.rule.decide(view, this.own.held, this.own.wanted);
    this.trade(view.time);
  }

  /** Trades the hedge away, or closes it at the price where that is free. */
  close(time: number): void {
    if (this.config.hedge.settlement !== 'free') {
      this.own.wanted.fill(0);
      this.trade(time);
      return;
    }
    const discount = math.exp(-this.config.market.r * time);
    const { flows, held } = this.own;
    for (let i = 0; i < flows.length; i += 1)
      flows[i] = (flows[i] ?? 0) + discount * (held[i] ?? 0) * (this.spot[i] ?? 0);
  }

  /** Writes what became of the first `count` paths, from entry `from` on. */
  store(into: PathOutcomes, from: number, count: number): void {
    const { flows, costs, trades, turnover } = this.own;
    for (let i = 0; i < count; i += 1) into.hedgeCostPv[from + i] = (costs[i] ?? 0) - (flows[i] ?? 0);
    into.costs.set(costs.subarray(0, count), from);
    into.trades.set(trades.subarray(0, count), from);
    into.turnover.set(turnover.subarray(0, count), from);
  }

  private trade(time: number): void {
    const discount = math.exp(-this.config.market.r * time);
    this.paths.trade(this.own, this.spot, discount, this.config.hedge.costs);
  }
}
