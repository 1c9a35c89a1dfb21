import type { Assessment, PolicySet, RiskSnapshotTaken } from '@evenkeel/facts';
import { success } from '@evenkeel/kernel';
import type { Result } from '@evenkeel/kernel';
import { policyInputOf } from './evaluation';
import { parsePolicy } from './policies/registry';
import { foldPolicy } from './program/evolve';
import { createProgramBook } from './state';
import type { WorkingOrder } from './state';

/** An order that may still fill. */
export type OrderAlive = Pick<
  WorkingOrder,
  'instrument' | 'remaining' | 'direction' | 'limitPrice' | 'resting'
>;

/**
 * Where a policy wants each underlying's exposure to lie on a snapshot, by the policy itself: the band of a book that has
 * decided nothing for hours too. What is on its way are the orders given. Only the band counts of what comes back: whether a
 * policy that goes by the clock is due depends on what the program remembers. Undefined where the band itself does.
 */
export function assessedNow(
  set: PolicySet,
  snapshot: RiskSnapshotTaken,
  orders: Readonly<Record<string, OrderAlive>> = {},
): Result<readonly Assessment[] | undefined> {
  const parsed = parsePolicy(set.policy);
  if (!parsed.ok) return parsed;
  const program = createProgramBook(set.book);
  foldPolicy(program, set);
  for (const [clientOrderId, order] of Object.entries(orders))
    program.orders[clientOrderId] = { ...order, withdrawn: false, unresolved: false };
  const { policy: inForce } = program;
  if (inForce === null) return success(undefined);
  const input = policyInputOf(program, inForce, snapshot);
  const memory = askedFor();
  const { assessments } = parsed.value.evaluate({ ...input, remembered: memory.remembered });
  return success(memory.isAsked() ? undefined : assessments);
}

/** An empty memory that knows whether anybody has looked. */
function askedFor(): {
  readonly remembered: Readonly<Record<string, string>>;
  readonly isAsked: () => boolean;
} {
  let asked = false;
  const noted = <T>(value: T): T => {
    asked = true;
    return value;
  };
  const remembered = new Proxy<Record<string, string>>(
    {},
    {
      get: (target, name) => noted(Reflect.get(target, name)),
      has: (target, name) => noted(Reflect.has(target, name)),
      ownKeys: (target) => noted(Reflect.ownKeys(target)),
    },
  );
  return { remembered, isAsked: () => asked };
}
