import { Decimal } from '@evenkeel/kernel';

/** Positive contracts that open orders of one instrument could still trade. */
export interface Pending {
  readonly buys: Decimal;
  readonly sells: Decimal;
}

export const NOTHING_PENDING: Pending = { buys: Decimal.ZERO, sells: Decimal.ZERO };
