import type {
  ChainAccountAdopted,
  TransactionIncluded,
  TransactionIntended,
  TransactionReverted,
} from '@evenkeel/facts';
import { Decimal, Recent, required } from '@evenkeel/kernel';
import type { ChainAccountEvent } from './events';
import { coinsOf } from './gas-cost';
import { dayOf } from './queries';
import { DONE_KEPT } from './state';
import type { ChainAccount, NonceUse } from './state';

/** Folds one event of one account; `account` is undefined for the first. Changes `account` in place. */
export function evolveChainAccount(
  account: ChainAccount | undefined,
  event: ChainAccountEvent,
): ChainAccount {
  if (event.type === 'ChainAccountAdopted') return adopt(account, event.payload);
  const known = required(account, `the adoption of chain account ${event.payload.account}`);
  switch (event.type) {
    case 'TransactionIntended':
      intend(known, event.payload);
      return known;
    case 'TransactionSigned': {
      const { nonce, attempt, hash } = event.payload;
      required(useOf(known, nonce).attempts[attempt - 1], `attempt ${attempt} of nonce ${nonce}`).hash = hash;
      return known;
    }
    case 'TransactionIncluded':
    case 'TransactionReverted':
      include(known, event.payload);
      return known;
    case 'TransactionReorged': {
      const use = useOf(known, event.payload.nonce);
      const { paidUsd, day } = required(use.inclusion, `the inclusion of nonce ${use.nonce}`);
      if (known.spent.day === day) known.spent = { day, usd: known.spent.usd.minus(paidUsd) };
      use.inclusion = undefined;
      use.waitsFrom = event.payload.block.number;
      return known;
    }
    case 'TransactionReplaced':
      return known;
    case 'TransactionFinal':
      known.done.set(useOf(known, event.payload.nonce).actionId, true);
      known.uses.delete(event.payload.nonce);
      known.finalTo = Math.max(known.finalTo, event.payload.block.number);
      return known;
    case 'AccountHalted':
      known.halted = event.payload.reason;
      return known;
  }
}

/** Anew, after a halt: what lies below the finalised count is settled without us, what lies above it may still be included. */
function adopt(before: ChainAccount | undefined, adopted: ChainAccountAdopted): ChainAccount {
  const uses = [...(before?.uses.values() ?? [])].filter(({ nonce }) => nonce >= adopted.nonce);
  return {
    adopted,
    nextNonce: uses.reduce((next, { nonce }) => Math.max(next, nonce + 1), adopted.nonce),
    uses: new Map(uses.map((use) => [use.nonce, use])),
    done: before?.done ?? new Recent(DONE_KEPT),
    head: before?.head,
    spent: before?.spent ?? { day: '', usd: Decimal.ZERO },
    finalTo: adopted.block.number,
    halted: undefined,
  };
}

function intend(account: ChainAccount, intended: TransactionIntended): void {
  const { nonce, actionId, reference } = intended;
  const use = account.uses.get(nonce);
  if (use === undefined) {
    const attempts = [{ intended, hash: undefined }];
    account.uses.set(nonce, { nonce, actionId, attempts, waitsFrom: reference.number, inclusion: undefined });
    account.nextNonce = nonce + 1;
  } else {
    use.attempts.push({ intended, hash: undefined });
    use.waitsFrom = reference.number;
  }
}

function include(account: ChainAccount, payload: TransactionIncluded | TransactionReverted): void {
  const { nonce, attempt, hash, block, blockTime, gasUsed, gasPrice } = payload;
  const use = useOf(account, nonce);
  const { intended } = required(use.attempts[attempt - 1], `attempt ${attempt} of nonce ${nonce}`);
  const paidUsd = coinsOf(BigInt(gasUsed) * BigInt(gasPrice)).times(Decimal.parse(intended.coinUsd));
  const day = dayOf(blockTime);
  use.inclusion = { hash, block, paidUsd, day };
  if (day > account.spent.day) account.spent = { day, usd: paidUsd };
  else if (day === account.spent.day) account.spent = { day, usd: account.spent.usd.plus(paidUsd) };
}

function useOf(account: ChainAccount, nonce: number): NonceUse {
  return required(account.uses.get(nonce), `the use of nonce ${nonce} by ${account.adopted.account}`);
}
