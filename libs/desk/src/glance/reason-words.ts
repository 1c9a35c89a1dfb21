import type { Check } from '@evenkeel/facts';

/** Reasons on record (docs/policies.md, docs/policies-multi.md, libs/hedging/README.md) as a sentence goes on with them. */
const WORDS: Readonly<Record<string, string>> = {
  BAND_BREACHED: 'the exposure had left its band',
  INTERVAL_ELAPSED: 'the interval was over',
  SPOT_MOVED: 'the price had moved far enough',
  LADDER_PLACED: 'the ladder was placed',
  LADDER_WITHDRAWN: 'the ladder was taken back',
  RISK_EXCEEDS_COST: 'the risk was dearer than the trade',
  LIMIT_EXCEEDED: 'a limit of the policy was exceeded',
  VARIANCE_SWAP_OPENED: 'the variance swap began',
  RANGE_RECENTRED: 'the pool position was moved',
  RECENTRE_ADVISED: 'the pool position should be moved',
  BELOW_LOT: 'what would have to be traded is less than a lot',
  NO_VOLATILITY: 'there is no volatility to judge by',
  HEDGE_UNECONOMIC: 'the hedge costs more than it is worth',
  IMPACT_UNSTABLE: 'the hedge would chase the price that it moves',
  COSTS_ALTERED: 'the cost model is not the one it claims to be',
  NOT_LONG_GAMMA: 'the book is not long gamma',
  THETA_BUDGET_SPENT: 'the theta budget is spent',
  LIMITS_INFEASIBLE: 'no trade keeps the limits of the policy',
  NO_VAULT_VALUE: 'the vault has no value on record',
  STRIP_INCOMPLETE: 'the strip of options is incomplete',
  PRICE_HALTED: 'the price is halted',
  UNPRICED_LEGS: 'legs of the book have no price',
  STALE_INPUTS: 'prices are too old',
  ORDER_IN_FLIGHT: 'an order is on its way, or its outcome is unknown',
  PROGRAM_HALTED: 'the hedge program is halted',
  NO_HEDGE_INSTRUMENT: 'the book names no hedge instrument for it',
};

/** A reason in words; one that is not known is told by its code. */
export function reasonWords(code: string): string {
  return WORDS[code] ?? code;
}

/** A check that said no: what it saw, and what it wanted. */
export function checkWords({ name, observed, limit }: Pick<Check, 'name' | 'limit' | 'observed'>): string {
  return `${name} is ${observed === '' ? 'nothing' : observed}, must be ${limit}`;
}
