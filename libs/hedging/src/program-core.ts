import type { Core } from '@evenkeel/facts';
import { EvenkeelError, memoised } from '@evenkeel/kernel';
import type { Policy } from './policy/policy';
import { parsePolicy } from './policies/registry';
import { decide } from './program/decide';
import { evolve } from './program/evolve';
import { judge, remember } from './program/judge';
import { observe } from './program/observe';
import { keptBy } from './state';
import type { ProgramState } from './state';

/** Policies in force at a time, over all books of a partition; more are read again when they are asked. */
const POLICIES_MAX = 256;

function read(text: string): Policy {
  const parsed = parsePolicy(text);
  if (!parsed.ok) throw new EvenkeelError(parsed.failure);
  return parsed.value;
}

/**
 * The hedge-program core: puts each book's policy to every snapshot and says what follows. A quiet evaluation counts although
 * nothing is said of it, so snapshots are judged before anything is decided. `policyOf` reads a policy from its text; only
 * `judge` gets it, so that folding cannot ask one.
 */
export function createProgramCore(
  policyOf: (text: string) => Policy = memoised(POLICIES_MAX, read),
): Core<ProgramState, never> {
  return {
    context: 'strategy',
    initial: () => ({ programs: {} }),
    observe,
    judging: { judge: (state, input) => judge(state, input, policyOf), remember },
    decide,
    evolve,
    kept: keptBy,
    nextWake: () => undefined,
  };
}
