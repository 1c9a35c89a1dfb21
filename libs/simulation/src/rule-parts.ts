import { Decimal } from '@evenkeel/kernel';
import type { RuleTerms } from './hedge-rule';

/** A number of the policy, written as one or as text. */
export function numberOf(terms: RuleTerms, name: string): number {
  const written = terms.policy[name];
  return typeof written === 'number' ? written : Decimal.parse(String(written)).toNumber();
}

/** Moves a hedge that is outside of −delta ± half to the nearer edge and leaves the others. */
export function toNearestEdge(
  delta: Float64Array,
  half: Float64Array,
  held: Float64Array,
  wanted: Float64Array,
): void {
  for (let i = 0; i < wanted.length; i += 1) {
    const centre = -(delta[i] ?? 0);
    const width = half[i] ?? 0;
    const now = held[i] ?? 0;
    wanted[i] = now > centre + width ? centre + width : now < centre - width ? centre - width : now;
  }
}
