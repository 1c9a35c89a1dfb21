import type { BookPricer } from './book-pricer';
import type { RandomKey } from './counter-random';
import { StepGreeks } from './step-greeks';
import { HedgeAccount } from './hedge-account';
import type { BlockOutcome } from './hedge-account';
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
 * Runs the paths `firstPath` … `firstPath` + `count` − 1 under every rule. Rules meet the same prices; a rule whose trades move
 * the price for good gets a market of its own, driven by the same random numbers. The pricer is one for `count` paths.
 */
export function runBlock(
  terms: BlockTerms,
  pricer: BookPricer,
  firstPath: number,
  count: number,
): readonly BlockOutcome[] {
  const block = { ...terms, pricer, firstPath, count };
  if (terms.config.hedge.costs.impact.permanent === 0) return runOnOneMarket(block, terms.rules);
  return terms.rules.flatMap((rule) => runOnOneMarket(block, [rule]));
}

interface Block extends BlockTerms {
  readonly pricer: BookPricer;
  readonly firstPath: number;
  readonly count: number;
}

function runOnOneMarket(block: Block, rules: readonly RuleFactory[]): readonly BlockOutcome[] {
  const { config, grid, key, pricer, firstPath, count } = block;
  const market = createMarketPaths(config.market, key, firstPath, count);
  const greeks = new StepGreeks(pricer, market.spot, count);
  const accounts = rules.map((factory) => new HedgeAccount(config, market.spot, factory(count)));
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
  return accounts.map((account) => account.outcome());
}
