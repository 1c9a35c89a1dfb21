import { math, priceEuropean } from '@evenkeel/pricing';
import { createBookPricer } from './book-pricer';
import type { BookPricer } from './book-pricer';
import { runBlock } from './block';
import type { BlockTerms } from './block';
import type { BlockOutcome } from './hedge-account';
import { randomKey } from './counter-random';
import { ruleOf } from './hedge-rules';
import type { SimulatedPolicy, SimulationConfig } from './simulated-world';
import { momentsOf, tailOf } from './statistics';
import { timeGrid } from './time-grid';

/** Mean and standard deviation over paths. */
export interface Spread {
  readonly mean: number;
  readonly std: number;
}

/** What `keel lab simulate` says. Quote currency; means are per path. */
export interface SimulationResult {
  readonly paths: number;
  /** Rebalancing instants of a path: how often the policy looks, the start included and the horizon not. */
  readonly steps: number;
  /** Σ quantity × Black–Scholes value at `modelVolatility` at the start: what the book is worth, long positive. */
  readonly modelPrice: number;
  /** Present value of what it costs to run the book and its hedge, premium left out: −(pay-offs + hedge flows − costs). */
  readonly hedgeCostPv: Spread;
  /** At the horizon: e^{rT} × (−modelPrice − hedgeCostPv), the result of taking the book at its model price. Gain positive. */
  readonly pnl: Spread & {
    readonly p05: number;
    readonly p95: number;
    /** Mean P&L of the worst 5 % of paths, gain positive: a loss is negative. */
    readonly expectedShortfall95: number;
    readonly skewness: number;
    readonly excessKurtosis: number;
  };
  /** hedgeCostPv.std ÷ |modelPrice|, a fraction; null for a book worth nothing. */
  readonly performance: number | null;
  /** Trades in the underlying per path, opening and closing included. */
  readonly trades: number;
  /** Notional traded per path, Σ|x|·S, not discounted. */
  readonly turnover: number;
  /** Fees, spread, fixed costs and impact per path, present value. */
  readonly costs: number;
  /** One standard deviation of the estimate, for every figure above. */
  readonly standardErrors: {
    readonly hedgeCostPv: Spread;
    readonly pnl: Spread & {
      readonly p05: number;
      readonly p95: number;
      readonly expectedShortfall95: number;
    };
    readonly performance: number | null;
    readonly trades: number;
    readonly turnover: number;
    readonly costs: number;
  };
}

/**
 * A simulation cut into blocks of paths. Blocks can be run anywhere, in any order: a path depends on the seed and its own number
 * only, and `summarise` works on the paths in their order.
 */
export interface SimulationPlan {
  readonly config: SimulationConfig;
  readonly policies: readonly SimulatedPolicy[];
  readonly blocks: number;
  readonly steps: number;
  readonly modelPrice: number;
  /** One outcome per policy. */
  run(block: number): readonly BlockOutcome[];
}

/** Something to simulate: policies over one market. */
export interface SimulationJob {
  readonly config: SimulationConfig;
  readonly policies: readonly SimulatedPolicy[];
}

/** Paths of one block; part of nothing but speed. */
const BLOCK_PATHS = 1024;

/** Plans a simulation of the configuration's policy, or of several over the same market. */
export function planSimulation(
  config: SimulationConfig,
  policies: readonly SimulatedPolicy[] = [config.hedge.policy],
): SimulationPlan {
  const grid = timeGrid(
    config.hedge.watch,
    config.positions.map(({ T }) => T),
  );
  const rules = policies.map((policy) => ruleOf({ config, policy, grid }));
  const terms: BlockTerms = { config, grid, key: randomKey(config.seed), rules };
  const pricerOf = pricers(config);
  return {
    config,
    policies,
    blocks: Math.ceil(config.paths / BLOCK_PATHS),
    steps: grid.times.length - 1,
    modelPrice: modelPriceOf(config),
    run: (block) => {
      const from = block * BLOCK_PATHS;
      const count = Math.min(BLOCK_PATHS, config.paths - from);
      return runBlock(terms, pricerOf(count), from, count);
    },
  };
}

/** One pricer per size of block: kernel memory is taken once. */
function pricers(config: SimulationConfig): (count: number) => BookPricer {
  const made = new Map<number, BookPricer>();
  const { positions, market, hedge } = config;
  const terms = { positions, volatility: hedge.modelVolatility, r: market.r, q: market.q };
  return (count) => {
    const pricer = made.get(count) ?? createBookPricer(terms, count);
    made.set(count, pricer);
    return pricer;
  };
}

function modelPriceOf({ positions, market, hedge }: SimulationConfig): number {
  const { S0: S, r, q } = market;
  return positions.reduce(
    (sum, { type, K, T, quantity }) =>
      sum + quantity * priceEuropean({ type, S, K, T, r, q, sigma: hedge.modelVolatility }).value,
    0,
  );
}

/** The outcome of every path under policy number `policy`, blocks in their order. */
export function joinBlocks(
  blocks: readonly (readonly BlockOutcome[])[],
  policy: number,
  paths: number,
): BlockOutcome {
  const joined = {
    hedgeCostPv: new Float64Array(paths),
    costs: new Float64Array(paths),
    trades: new Float64Array(paths),
    turnover: new Float64Array(paths),
  };
  let at = 0;
  for (const block of blocks) {
    const outcome = block[policy];
    if (outcome === undefined) continue;
    joined.hedgeCostPv.set(outcome.hedgeCostPv, at);
    joined.costs.set(outcome.costs, at);
    joined.trades.set(outcome.trades, at);
    joined.turnover.set(outcome.turnover, at);
    at += outcome.hedgeCostPv.length;
  }
  return joined;
}

/** What one unit of money at the start has become at the horizon: e^{rT}. */
export function growthOf({ config }: SimulationPlan): number {
  const horizon = Math.max(...config.positions.map(({ T }) => T));
  return math.exp(config.market.r * horizon);
}

/** P&L of every path at the horizon: e^{rT} × (−modelPrice − hedgeCostPv). */
export function pnlOf(plan: SimulationPlan, outcome: BlockOutcome): Float64Array {
  const { modelPrice } = plan;
  const growth = growthOf(plan);
  return outcome.hedgeCostPv.map((cost) => growth * (-modelPrice - cost));
}

/** The figures of a simulation from the outcomes of all its paths. */
export function summarise(plan: SimulationPlan, outcome: BlockOutcome): SimulationResult {
  const { modelPrice } = plan;
  const pnlPaths = pnlOf(plan, outcome);
  const cost = momentsOf(outcome.hedgeCostPv);
  const pnl = momentsOf(pnlPaths);
  const tail = tailOf(pnlPaths);
  const trades = momentsOf(outcome.trades);
  const turnover = momentsOf(outcome.turnover);
  const costs = momentsOf(outcome.costs);
  const worth = Math.abs(modelPrice);
  return {
    paths: plan.config.paths,
    steps: plan.steps,
    modelPrice,
    hedgeCostPv: { mean: cost.mean, std: cost.std },
    pnl: {
      mean: pnl.mean,
      std: pnl.std,
      p05: tail.p05,
      p95: tail.p95,
      expectedShortfall95: tail.shortfall,
      skewness: pnl.skewness,
      excessKurtosis: pnl.excessKurtosis,
    },
    performance: worth > 0 ? cost.std / worth : null,
    trades: trades.mean,
    turnover: turnover.mean,
    costs: costs.mean,
    standardErrors: {
      hedgeCostPv: { mean: cost.meanError, std: cost.stdError },
      pnl: {
        mean: pnl.meanError,
        std: pnl.stdError,
        p05: tail.p05Error,
        p95: tail.p95Error,
        expectedShortfall95: tail.shortfallError,
      },
      performance: worth > 0 ? cost.stdError / worth : null,
      trades: trades.meanError,
      turnover: turnover.meanError,
      costs: costs.meanError,
    },
  };
}

/** Runs a simulation in this thread. `onProgress` is told the fraction of paths done. */
export function simulate(
  config: SimulationConfig,
  onProgress: (done: number) => void = () => undefined,
): SimulationResult {
  const plan = planSimulation(config);
  const blocks = Array.from({ length: plan.blocks }, (_, block) => {
    onProgress(block / plan.blocks);
    return plan.run(block);
  });
  return summarise(plan, joinBlocks(blocks, 0, config.paths));
}
