import type { AccountHalted, ChainBlock } from '@evenkeel/facts';
import { Decimal, parseInstant } from '@evenkeel/kernel';
import type { ChainReport } from './chain-report';
import type { ChainAccountEvent } from './events';
import { coinsOf } from './gas-cost';
import { nextAttempt } from './intend';
import type { ChainStep } from './intend';
import { attemptOf, lastAttempt, openUses } from './queries';
import type { ChainAccount, NonceUse } from './state';

/** Folds what is no fact: the newest block. Called once for each report, before `nextOnChain`. */
export function observeChain(account: ChainAccount, report: ChainReport): void {
  if (report.kind !== 'block') return;
  const { block, time, baseFee, tip, coinUsd } = report;
  account.head = { block, time: parseInstant(time), baseFee, tip, coinUsd: Decimal.parse(coinUsd) };
}

/**
 * What follows from a report at event time `at`, one fact after the other: asked again, with each answer folded, until it is undefined.
 * Where an account stands still, what happens to its transactions goes on record all the same.
 */
export function nextOnChain(account: ChainAccount, report: ChainReport, at: string): ChainStep | undefined {
  switch (report.kind) {
    case 'signed':
      return onSigned(account, report, at);
    case 'included':
      return onIncluded(account, report, at);
    case 'gone':
      return onGone(account, report.block, at);
    case 'block':
      return nextFinal(account, at) ?? nextReplacement(account, at);
    case 'taken':
      return halt(
        account,
        'NONCE_TAKEN',
        `nonce ${report.nonce} is used in block ${report.block.number}, not by us`,
        at,
      );
    case 'disagree':
      return halt(account, 'NODES_DISAGREE', report.detail, at);
  }
}

function onSigned(
  account: ChainAccount,
  { nonce, attempt, signingHash, hash }: Extract<ChainReport, { kind: 'signed' }>,
  at: string,
): ChainStep | undefined {
  const signed = account.uses.get(nonce)?.attempts[attempt - 1];
  // Signed twice, as after a crash: the hash on record counts, and a second one was never sent.
  if (signed === undefined || signed.hash !== undefined) return undefined;
  if (signed.intended.signingHash !== signingHash)
    return halt(
      account,
      'SIGNED_OTHERWISE',
      `nonce ${nonce}, attempt ${attempt}: ${signingHash} was signed`,
      at,
    );
  if (account.halted !== undefined) return undefined;
  const { account: id, book } = account.adopted;
  return {
    events: [{ type: 'TransactionSigned', payload: { account: id, book, nonce, attempt, hash, at } }],
    effects: [{ kind: 'broadcast', account: id, hash }],
  };
}

function onIncluded(
  account: ChainAccount,
  report: Extract<ChainReport, { kind: 'included' }>,
  at: string,
): ChainStep | undefined {
  const { hash, block, blockTime, index, gasUsed, gasPrice, reverted, balances } = report;
  const found = attemptOf(account, hash);
  if (found === undefined) return undefined;
  const { use, attempt } = found;
  const { inclusion, nonce } = use;
  if (inclusion?.hash === hash && inclusion.block.hash === block.hash) return undefined;
  // A nonce is used once: what was there before is gone, whether or not anybody has said so.
  if (inclusion !== undefined) return reorged(account, use, inclusion.block, at);
  const { account: id, book, coin } = account.adopted;
  const gasPaid = {
    currency: coin,
    amount: coinsOf(BigInt(gasUsed) * gasPrice)
      .negated()
      .toString(),
  };
  const told = {
    ...{ account: id, book, nonce, attempt, hash, block, blockTime, index, gasUsed },
    ...{ gasPrice: String(gasPrice), gasPaid, at },
  };
  const event: ChainAccountEvent =
    reverted === undefined
      ? { type: 'TransactionIncluded', payload: { ...told, balances } }
      : { type: 'TransactionReverted', payload: { ...told, reason: reverted } };
  return { events: [event], effects: [] };
}

function onGone(account: ChainAccount, block: ChainBlock, at: string): ChainStep | undefined {
  const newest = account.head?.block.number ?? 0;
  const settled = Math.max(account.finalTo, newest - account.adopted.rules.finalityBlocks);
  if (block.number <= settled && account.halted === undefined)
    return halt(account, 'FINALITY_BROKEN', `block ${block.number} is gone, and ${settled} was final`, at);
  for (const use of account.uses.values())
    if (use.inclusion?.block.hash === block.hash) return reorged(account, use, block, at);
  return undefined;
}

function reorged(account: ChainAccount, use: NonceUse, block: ChainBlock, at: string): ChainStep {
  const { account: id, book } = account.adopted;
  const { nonce, inclusion } = use;
  const hash = inclusion?.hash ?? '';
  const newest = lastAttempt(use).hash;
  return {
    events: [{ type: 'TransactionReorged', payload: { account: id, book, nonce, hash, block, at } }],
    effects:
      account.halted === undefined && newest !== undefined
        ? [{ kind: 'broadcast', account: id, hash: newest }]
        : [],
  };
}

/**
 * Everything that is final now, with what it shut out, as one commit: transactions of one block are parted by each other's gas and logs, so
 * none of them may be forgotten before the rest.
 */
function nextFinal(account: ChainAccount, at: string): ChainStep | undefined {
  const { head, adopted } = account;
  if (head === undefined) return undefined;
  const settled = head.block.number - adopted.rules.finalityBlocks;
  const events = [...account.uses.values()].flatMap(({ nonce, inclusion, attempts }) => {
    if (inclusion === undefined || inclusion.block.number > settled) return [];
    const { hash, block } = inclusion;
    const told = { account: adopted.account, book: adopted.book, nonce, at };
    const shutOut = attempts.flatMap((attempt) =>
      attempt.hash === undefined || attempt.hash === hash ? [] : [attempt.hash],
    );
    const replaced = shutOut.map((lost): ChainAccountEvent => {
      return { type: 'TransactionReplaced', payload: { ...told, hash: lost, by: hash } };
    });
    const final: ChainAccountEvent = { type: 'TransactionFinal', payload: { ...told, hash, block } };
    return [...replaced, final];
  });
  return events.length === 0 ? undefined : { events, effects: [] };
}

/** Only the lowest nonce is waited for; those above it wait for it, whatever they pay. */
function nextReplacement(account: ChainAccount, at: string): ChainStep | undefined {
  const { head, halted, adopted } = account;
  const [lowest] = openUses(account);
  if (lowest === undefined || head === undefined || halted !== undefined) return undefined;
  if (lastAttempt(lowest).hash === undefined) return undefined;
  if (head.block.number - lowest.waitsFrom < adopted.rules.replaceAfterBlocks) return undefined;
  return nextAttempt(account, head, lowest, at);
}

function halt(
  account: ChainAccount,
  reason: AccountHalted['reason'],
  detail: string,
  at: string,
): ChainStep | undefined {
  if (account.halted !== undefined) return undefined;
  const { account: id, book } = account.adopted;
  return {
    events: [{ type: 'AccountHalted', payload: { account: id, book, reason, detail, at } }],
    effects: [],
  };
}
