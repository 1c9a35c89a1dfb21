import { EvenkeelError } from '@evenkeel/kernel';
import type { RequiredOf } from './events';

const LEVELS: readonly RequiredOf[] = ['nothing', 'loosening', 'everything'];

/** A level as it is written down; a word that this build does not know permits nothing to one person alone. */
export function levelIn(word: string): RequiredOf {
  return LEVELS.find((level) => level === word) ?? 'everything';
}

/** What needs a second person where both are in force. */
export function stricterOf(one: RequiredOf, other: RequiredOf): RequiredOf {
  return LEVELS.indexOf(one) > LEVELS.indexOf(other) ? one : other;
}

/** What `EK_GOVERNANCE` says; `undefined` where it says nothing. */
export type AskedFor = 'optional' | 'required' | undefined;

/**
 * What takes effect only with a second person. Unless told otherwise, whatever loosens, and books too where orders leave for a
 * real venue; there nobody can do without. Throws `GOVERNANCE.OPTIONAL_WITH_REAL_VENUE`.
 */
export function requiredOf(asked: AskedFor, realVenues: readonly string[]): RequiredOf {
  if (asked === 'optional' && realVenues.length > 0)
    throw new EvenkeelError({
      code: 'GOVERNANCE.OPTIONAL_WITH_REAL_VENUE',
      message: `EK_GOVERNANCE=optional is for simulated venues, and orders would leave for ${realVenues.join(', ')}: enrol a second person (docs/governance.md) and leave it out`,
    });
  if (asked === 'optional') return 'nothing';
  return asked === 'required' || realVenues.length > 0 ? 'everything' : 'loosening';
}
