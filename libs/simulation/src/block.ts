import { required } from '@evenkeel/kernel';
import type { PathKernel, RandomKey } from '@evenkeel/pricing';
import { createBookPricer } from './book-pricer';
import { StepGreeks } from './step-greeks';
import { HedgeAccount } from './hedge-account';
import type { PathOutcomes } from './hedge-account';
import type { RuleFactory } from './hedge-rule';
import { createMarketPaths } from './market-paths';
import type { SimulationConfig } from './simulated-world';
import type { TimeGrid } from './time-grid';

/** Everything that is the same for all blocks of a simulation. */
export interface BlockTerms {
  readonly config: SimulationConfig;
  readonly grid: TimeGrid;
  readonly key: RandomKey;
  readonly rules: readonly RuleFactory[];
}

/**
 * Runs the paths `firstPath` … `firstPath` + `count` − 1 under every rule and writes what became of them into the rule's outcomes.
 * Rules meet the same prices; a rule whose trades move the price for good gets a market of its own, driven by the same random
 * numbers. `paths` has room for `count`.
 */
export function runBlock(
  terms: BlockTerms,
  paths: PathKernel,
  firstPath: number,
  count: number,
  outcomes: readonly PathOutcomes[],
): void {
  const block = { terms, paths, firstPath, count };
  const runs = terms.rules.map((rule, index) => ({ rule, into: required(outcomes[index], 'outcomes') }));
  if (terms.config.hedge.costs.impact.permanent === 0) runOnOneMarket(block, runs);
  else for (const run of runs) runOnOneMarket(block, [run]);
}

interface Block {
  readonly terms: BlockTerms;
  readonly paths: PathKernel;
  readonly firstPath: number;
  readonly count: number;
}

interface RuleRun {
  readonly rule: RuleFactory;
  readonly into: PathOutcomes;
}

function runOnOneMarket(block: Block, runs: readonly RuleRun[]): void {
  const { terms, paths, firstPath, count } = block;
  const { config, grid, key } = terms;
  paths.clear();
  const market = createMarketPaths(config.market, key, firstPath, paths);
  const { r, q } = config.market;
  const pricing = { positions: config.positions, volatility: config.hedge.modelVolatility, r, q };
  const greeks = new StepGreeks(createBookPricer(pricing, paths, count), market.spot, paths);
  // Not by `map`, nor is the block a spread: V8 gives both another hidden class once they are optimised, and compiled this function
  // three times in place of once, a tenth of the processor time of 100,000 paths.
  const accounts: HedgeAccount[] = [];
  for (const { rule } of runs) accounts.push(new HedgeAccount(config, market.spot, rule(paths), paths));
  const { times } = grid;
  for (let step = 0; step < times.length; step += 1) {
    const time = times[step] ?? 0;
    const before = times[step - 1] ?? 0;
    if (step > 0) {
      const years = time - before;
      market.advance(years);
      for (const account of accounts) account.receiveYield(years, time);
    }
    for (const option of config.positions)
      if (option.T > before && option.T <= time) for (const account of accounts) account.settle(option, time);
    const last = step === times.length - 1;
    if (!last) greeks.moveTo(step, time);
    for (const account of accounts) {
      if (last) account.close(time);
      else account.hedge(greeks);
    }
  }
  accounts.forEach((account, index) => {
    account.store(required(runs[index], 'a rule').into, firstPath, count);
  });
}
