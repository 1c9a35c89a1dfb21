import type { TransactionIntended } from '@evenkeel/facts';
import { Decimal, formatInstant, parseInstant, required } from '@evenkeel/kernel';
import type { ChainAccountEvent } from './events';
import { bumped, dayAtWorst, firstFees, mostUsd, replacementFees } from './gas-cost';
import type { Fees } from './gas-cost';
import { dayOf, lastAttempt, openUses } from './queries';
import type { ChainAccount, ChainEffect, Head, NonceUse } from './state';
import { signingHash } from './transaction';

/** A call that somebody wants made; prices, minimum and deadline are inside `data`, the same in all attempts. */
export type WantedAction = Pick<
  TransactionIntended,
  'actionId' | 'action' | 'serves' | 'to' | 'data' | 'value' | 'gasLimit' | 'gasParts' | 'deadline'
>;

export type IntendRefusal =
  /** The account stands still. */
  | 'ACCOUNT_HALTED'
  /** No block has been seen yet: fees would be a guess. */
  | 'NO_BLOCK'
  /** The same action waits already. */
  | 'ALREADY_OPEN'
  /** It was done, or cancelled, for good. */
  | 'ALREADY_DONE'
  | 'TOO_MANY_OPEN'
  | 'PAST_DEADLINE'
  /** Gas could cost more than an action, or a day, may. */
  | 'ACTION_GAS'
  | 'DAY_GAS';

export interface ChainStep {
  readonly events: readonly ChainAccountEvent[];
  readonly effects: readonly ChainEffect[];
}

/** Gas of a plain transfer between accounts. Yellow Paper, G_transaction. */
const TRANSFER_GAS = 21_000;

/** The first attempt at an action with the next nonce, or why not. Nothing is on record when it is refused. */
export function intendAction(
  account: ChainAccount,
  wanted: WantedAction,
  at: string,
): ChainStep | IntendRefusal {
  const { head, halted, adopted, uses, nextNonce } = account;
  if (halted !== undefined) return 'ACCOUNT_HALTED';
  if (head === undefined) return 'NO_BLOCK';
  if ([...uses.values()].some(({ actionId }) => actionId === wanted.actionId)) return 'ALREADY_OPEN';
  if (account.done.get(wanted.actionId) !== undefined) return 'ALREADY_DONE';
  if (openUses(account).length >= adopted.rules.maxOpen) return 'TOO_MANY_OPEN';
  if (isOver(wanted.deadline, head)) return 'PAST_DEADLINE';
  const fees = firstFees(head);
  if (!withinAction(account, head, wanted.gasLimit, fees)) return 'ACTION_GAS';
  if (!withinDay(account, head, wanted.gasLimit, fees)) return 'DAY_GAS';
  return attemptStep(account, head, at, { ...wanted, nonce: nextNonce, attempt: 1, reason: 'WANTED' }, fees);
}

/** What follows for a nonce that has waited long enough: a dearer attempt, a cancel, or more patience. */
export function nextAttempt(
  account: ChainAccount,
  head: Head,
  use: NonceUse,
  at: string,
): ChainStep | undefined {
  const { intended } = lastAttempt(use);
  if (intended.action === 'cancel') return cancelStep(account, head, use, at, intended.reason);
  if (isOver(intended.deadline, head)) return cancelStep(account, head, use, at, 'DEADLINE');
  if (use.attempts.length >= account.adopted.rules.maxAttempts)
    return cancelStep(account, head, use, at, 'ATTEMPTS');
  const fees = [replacementFees(intended, head), bumped(intended)].find(
    (one) =>
      withinAction(account, head, intended.gasLimit, one) &&
      withinDay(account, head, intended.gasLimit, one, use),
  );
  if (fees === undefined) return cancelStep(account, head, use, at, 'GAS_CAP');
  const attempt = use.attempts.length + 1;
  return attemptStep(account, head, at, { ...intended, attempt, reason: 'SLOW' }, fees);
}

/** Uses the nonce up with an empty transfer to itself; undefined where even that would cost too much, and it waits on. */
export function cancelStep(
  account: ChainAccount,
  head: Head,
  use: NonceUse,
  at: string,
  reason: string,
): ChainStep | undefined {
  const { intended } = lastAttempt(use);
  const fees = [replacementFees(intended, head), bumped(intended)].find(
    (one) =>
      withinAction(account, head, TRANSFER_GAS, one) && withinDay(account, head, TRANSFER_GAS, one, use),
  );
  if (fees === undefined) return undefined;
  const transfer = {
    actionId: intended.actionId,
    action: 'cancel',
    serves: intended.serves,
    to: account.adopted.address,
    data: '0x',
    value: '0',
    gasLimit: TRANSFER_GAS,
    gasParts: [{ name: 'transfer', value: TRANSFER_GAS, unit: 'gas' }],
  };
  const attempt = use.attempts.length + 1;
  return attemptStep(account, head, at, { ...transfer, nonce: use.nonce, attempt, reason }, fees);
}

type AttemptWanted = WantedAction & Pick<TransactionIntended, 'nonce' | 'attempt' | 'reason'>;

function attemptStep(
  account: ChainAccount,
  head: Head,
  at: string,
  wanted: AttemptWanted,
  fees: Fees,
): ChainStep {
  const { account: id, book, chainId } = account.adopted;
  const { actionId, action, serves, nonce, attempt, reason, to, data, value, gasLimit, gasParts, deadline } =
    wanted;
  const intended: TransactionIntended = {
    ...{
      account: id,
      book,
      actionId,
      action,
      serves,
      nonce,
      attempt,
      reason,
      to,
      data,
      value,
      gasLimit,
      gasParts,
    },
    maxFeePerGas: String(fees.maxFee),
    maxPriorityFeePerGas: String(fees.tip),
    coinUsd: head.coinUsd.toString(),
    ...(deadline === undefined ? {} : { deadline }),
    reference: head.block,
    signingHash: signingHash({
      ...{ chainId, nonce, to, data, value: BigInt(value), gasLimit },
      ...{ maxFeePerGas: fees.maxFee, maxPriorityFeePerGas: fees.tip },
    }),
    at,
  };
  return {
    events: [{ type: 'TransactionIntended', payload: intended }],
    effects: [{ kind: 'sign', intended }],
  };
}

function isOver(deadline: string | undefined, { time }: Head): boolean {
  return deadline !== undefined && parseInstant(deadline) <= time;
}

function withinAction({ adopted }: ChainAccount, head: Head, gasLimit: number, { maxFee }: Fees): boolean {
  return !mostUsd(gasLimit, maxFee, head.coinUsd).greaterThan(Decimal.parse(adopted.rules.maxActionUsd));
}

function withinDay(
  account: ChainAccount,
  head: Head,
  gasLimit: number,
  { maxFee }: Fees,
  use?: NonceUse,
): boolean {
  const others = dayAtWorst(account, dayOf(formatInstant(head.time)), use);
  const most = others.plus(mostUsd(gasLimit, maxFee, head.coinUsd));
  return !most.greaterThan(Decimal.parse(account.adopted.rules.maxDayUsd));
}

/** Somebody wants an action taken back before a block has it; undefined where it is included, cancelled already, or unknown. */
export function withdrawAction(account: ChainAccount, actionId: string, at: string): ChainStep | undefined {
  const use = openUses(account).find((one) => one.actionId === actionId);
  if (use === undefined || account.halted !== undefined || account.head === undefined) return undefined;
  if (lastAttempt(use).intended.action === 'cancel') return undefined;
  return cancelStep(account, required(account.head, 'a block'), use, at, 'WITHDRAWN');
}
