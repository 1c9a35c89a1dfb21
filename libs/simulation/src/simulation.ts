import { required } from '@evenkeel/kernel';
import { createPathKernel, math, priceEuropean } from '@evenkeel/pricing';
import type { PathKernel } from '@evenkeel/pricing';
import { runBlock } from './block';
import type { BlockTerms } from './block';
import type { PathOutcomes } from './hedge-account';
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
  /** Runs one block and writes its paths into the outcomes of every policy. */
  run(block: number, outcomes: readonly PathOutcomes[]): void;
}

/** Something to simulate: policies over one market. */
export interface SimulationJob {
  readonly config: SimulationConfig;
  readonly policies: readonly SimulatedPolicy[];
}

/** Paths of one block; part of nothing but speed. */
const BLOCK_PATHS = 1024;
/** Columns of a block at most: prices, random numbers and Greeks; and for each policy its account and what its rule remembers. */
const MARKET_COLUMNS = 16;
const POLICY_COLUMNS = 16;

/** Plans a simulation of the configuration's policy, or of several over the same market. */
export function planSimulation(
  config: SimulationConfig,
  policies: readonly SimulatedPolicy[] = [config.hedge.policy],
): SimulationPlan {
  const grid = timeGrid(
    config.hedge.watch,
    config.positions.map(({ T }) => T),
  );
  // A rule may be a region to solve, and kernel memory is taken once: both at the first block, since who only counts or sums up runs none.
  let terms: BlockTerms | undefined;
  let paths: PathKernel | undefined;
  return {
    config,
    policies,
    blocks: Math.ceil(config.paths / BLOCK_PATHS),
    steps: grid.times.length - 1,
    modelPrice: modelPriceOf(config),
    run: (block, outcomes) => {
      const from = block * BLOCK_PATHS;
      const count = Math.min(BLOCK_PATHS, config.paths - from);
      terms ??= {
        config,
        grid,
        key: randomKey(config.seed),
        rules: policies.map((policy) => ruleOf({ config, policy, grid })),
      };
      paths ??= createPathKernel(BLOCK_PATHS, MARKET_COLUMNS + POLICY_COLUMNS * policies.length);
      runBlock(terms, paths, from, count, outcomes);
    },
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

const FIGURES = 4;

/** Bytes that the outcomes of a simulation take. */
export function outcomeBytes({ config, policies }: SimulationJob): number {
  return FIGURES * 8 * policies.length * config.paths;
}

/** Room in `memory`, which threads may share, for what becomes of every path under each policy. */
export function outcomesIn(
  memory: ArrayBufferLike,
  { config, policies }: SimulationJob,
): readonly PathOutcomes[] {
  const { paths } = config;
  return policies.map((_, policy) => {
    const column = (figure: number): Float64Array =>
      new Float64Array(memory, (policy * FIGURES + figure) * paths * 8, paths);
    return { hedgeCostPv: column(0), costs: column(1), trades: column(2), turnover: column(3) };
  });
}

/** What one unit of money at the start has become at the horizon: e^{rT}. */
export function growthOf({ config }: SimulationPlan): number {
  const horizon = Math.max(...config.positions.map(({ T }) => T));
  return math.exp(config.market.r * horizon);
}

/** P&L of every path at the horizon: e^{rT} × (−modelPrice − hedgeCostPv). */
export function pnlOf(plan: SimulationPlan, outcome: PathOutcomes): Float64Array {
  const { modelPrice } = plan;
  const growth = growthOf(plan);
  return outcome.hedgeCostPv.map((cost) => growth * (-modelPrice - cost));
}

/** The figures of a simulation from the outcomes of all its paths. */
export function summarise(plan: SimulationPlan, outcome: PathOutcomes): SimulationResult {
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

/** Runs all blocks in this thread. `onProgress` is told the fraction of paths done. */
export function outcomesOf(
  plan: SimulationPlan,
  onProgress: (done: number) => void = () => undefined,
): readonly PathOutcomes[] {
  const outcomes = outcomesIn(new ArrayBuffer(outcomeBytes(plan)), plan);
  for (let block = 0; block < plan.blocks; block += 1) {
    onProgress(block / plan.blocks);
    plan.run(block, outcomes);
  }
  return outcomes;
}

/** Runs a simulation in this thread. */
export function simulate(config: SimulationConfig, onProgress?: (done: number) => void): SimulationResult {
  const plan = planSimulation(config);
  return summarise(plan, required(outcomesOf(plan, onProgress)[0], 'the outcomes of the policy'));
}
