import type { ChainBlock } from '@evenkeel/facts';
import { required } from '@evenkeel/kernel';
import type { Attempt, ChainAccount, ChainEffect, NonceUse } from './state';

/** The day of UTC of an ISO 8601 time. */
export function dayOf(time: string): string {
  return time.slice(0, 'yyyy-mm-dd'.length);
}

/** Waits for a block, the lowest nonce first: none above it can be included before it. */
export function openUses({ uses }: ChainAccount): readonly NonceUse[] {
  return [...uses.values()]
    .filter(({ inclusion }) => inclusion === undefined)
    .sort((a, b) => a.nonce - b.nonce);
}

export function lastAttempt({ attempts, nonce }: NonceUse): Attempt {
  return required(attempts.at(-1), `an attempt with nonce ${nonce}`);
}

/** The use and the number of the attempt that a transaction hash is of; undefined for a stranger's, or one that is final. */
export function attemptOf(
  account: ChainAccount,
  hash: string,
): { use: NonceUse; attempt: number } | undefined {
  for (const use of account.uses.values()) {
    const at = use.attempts.findIndex((attempt) => attempt.hash === hash);
    if (at >= 0) return { use, attempt: at + 1 };
  }
  return undefined;
}

/** What is still owed to the chain: after a restart, and whenever a node may have forgotten. Doing it twice changes nothing. */
export function pendingEffects(account: ChainAccount): readonly ChainEffect[] {
  if (account.halted !== undefined) return [];
  return openUses(account).map((use) => {
    const { intended, hash } = lastAttempt(use);
    return hash === undefined
      ? { kind: 'sign', intended }
      : { kind: 'broadcast', account: account.adopted.account, hash };
  });
}

/** The blocks that hold what is included and not final: whoever starts to follow the chain asks first whether they still stand. */
export function blocksRestedOn({ uses }: ChainAccount): readonly ChainBlock[] {
  return [...uses.values()].flatMap(({ inclusion }) => (inclusion === undefined ? [] : [inclusion.block]));
}
