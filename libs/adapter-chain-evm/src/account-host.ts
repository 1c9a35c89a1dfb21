import type {
  ChainAccount,
  ChainAccountEvent,
  ChainEffect,
  ChainReport,
  ChainStep,
  IntendRefusal,
  WantedAction,
} from '@evenkeel/execution';
import {
  blocksRestedOn,
  evolveChainAccount,
  intendAction,
  nextOnChain,
  observeChain,
  pendingEffects,
  withdrawAction,
} from '@evenkeel/execution';
import type { TransactionIntended } from '@evenkeel/facts';
import { EvenkeelError, NANOS_PER_SECOND, formatInstant, required } from '@evenkeel/kernel';
import type { FollowStep } from './block-follower';
import type { ChainWatch, OpenNonce } from './chain-watch';
import type { NodeBlocks, BlockHeader } from './node-blocks';
import type { ChainSender, Way } from './sender';

/** Where an account's facts are kept. */
export interface AccountRecord {
  /** Durable when it resolves. */
  append(events: readonly ChainAccountEvent[]): Promise<void>;
}

export interface AccountPorts {
  readonly record: AccountRecord;
  readonly watch: Pick<ChainWatch, 'poll' | 'tip'>;
  readonly sender: Pick<ChainSender, 'address' | 'sign' | 'broadcast'>;
  readonly way: Way;
}

/** The account as its facts say, the first its adoption. */
export function accountOnRecord(events: Iterable<ChainAccountEvent>): ChainAccount {
  let account: ChainAccount | undefined;
  for (const event of events) account = evolveChainAccount(account, event);
  return required(account, 'the adoption of an account');
}

/**
 * The block to begin following behind: below everything that is included and not final, so that whoever starts anew sees whether it still
 * stands. `finalized` is a block that stays.
 */
export async function blockToFollowFrom(
  account: ChainAccount,
  node: Pick<NodeBlocks, 'at'>,
  finalized: BlockHeader,
): Promise<BlockHeader> {
  const lowest = blocksRestedOn(account).reduce(
    (least, { number }) => Math.min(least, number - 1),
    finalized.number,
  );
  return lowest === finalized.number
    ? finalized
    : required(await node.at(lowest), `block ${lowest} of the chain`);
}

/**
 * Carries out what the core of one account decides: facts first, then what follows from them, one call after the other. It keeps nothing but
 * what its facts say. After an error it does nothing more (`CHAIN.HOST_FAILED`): it is made anew from the record, with a watch of its own
 * that knows what the record rests on. A poll that nodes did not answer is no such error: the next one tells the rest.
 * Throws `CHAIN.WRONG_ACCOUNT` where the sender signs for another account.
 */
export class AccountHost {
  /** Undefined until the chain has been looked at. */
  private lastStep: FollowStep | undefined;
  private failed = false;
  private before: Promise<unknown> = Promise.resolve();

  constructor(
    private account: ChainAccount,
    private readonly ports: AccountPorts,
  ) {
    const { address } = account.adopted;
    if (ports.sender.address === address) return;
    throw new EvenkeelError({
      code: 'CHAIN.WRONG_ACCOUNT',
      message: `the sender signs for ${ports.sender.address}, and ${address} is adopted`,
    });
  }

  get state(): ChainAccount {
    return this.account;
  }

  /** One look at the chain, and everything that follows from it. `coinUsd` is the coin's price now. */
  step(coinUsd: string): Promise<FollowStep> {
    return this.inTurn(async () => {
      const { step, reports } = await this.ports.watch.poll(this.openNonces(), coinUsd);
      this.lastStep = step;
      return this.wholly(async () => {
        for (const report of reports) await this.hear(report);
        if (this.isTrusted()) for (const effect of pendingEffects(this.account)) await this.carryOut(effect);
        return step;
      });
    });
  }

  /** Has an action intended, signed and sent; or why not. `CHAIN_UNCERTAIN`: the nodes lag or contradict each other. */
  want(action: WantedAction): Promise<'intended' | IntendRefusal | 'CHAIN_UNCERTAIN'> {
    return this.inTurn(async () => {
      if (!this.isTrusted()) return 'CHAIN_UNCERTAIN';
      const step = intendAction(this.account, action, this.now());
      if (typeof step === 'string') return step;
      return this.wholly(() => this.take(step).then(() => 'intended' as const));
    });
  }

  /** Has an action's nonce used up by an empty transfer; false where it is too late, or nothing is known of it. */
  withdraw(actionId: string): Promise<boolean> {
    return this.inTurn(async () => {
      if (!this.isTrusted()) return false;
      const step = withdrawAction(this.account, actionId, this.now());
      if (step === undefined) return false;
      return this.wholly(() => this.take(step).then(() => true));
    });
  }

  /** Two calls at once would both decide on what neither has put on record. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.before.then(() => {
      if (!this.failed) return work();
      const message = 'an account is made anew from its record after an error';
      throw new EvenkeelError({ code: 'CHAIN.HOST_FAILED', message });
    });
    this.before = turn.catch(() => undefined); // heard by who asked
    return turn;
  }

  /** What is done in part is not known: the record may hold more or less than we do. */
  private async wholly<T>(work: () => Promise<T>): Promise<T> {
    this.failed = true;
    const done = await work();
    this.failed = false;
    return done;
  }

  private isTrusted(): boolean {
    return this.lastStep?.kind === 'advanced' || this.lastStep?.kind === 'unchanged';
  }

  private openNonces(): OpenNonce[] {
    return [...this.account.uses.values()].map(({ nonce, attempts }) => ({
      nonce,
      hashes: attempts.flatMap(({ hash }) => (hash === undefined ? [] : [hash])),
    }));
  }

  private async hear(report: ChainReport): Promise<void> {
    observeChain(this.account, report);
    for (
      let step = nextOnChain(this.account, report, this.now());
      step !== undefined;
      step = nextOnChain(this.account, report, this.now())
    )
      await this.take(step);
  }

  private async take({ events, effects }: ChainStep): Promise<void> {
    await this.ports.record.append(events);
    for (const event of events) this.account = evolveChainAccount(this.account, event);
    // What nodes that contradict each other let us decide waits until they agree: `pendingEffects`.
    if (this.isTrusted()) for (const effect of effects) await this.carryOut(effect);
  }

  private async carryOut(effect: ChainEffect): Promise<void> {
    const { sender, way } = this.ports;
    if (effect.kind === 'broadcast') {
      // Whatever comes of it, the chain tells; what no node takes is replaced in time.
      await sender.broadcast(effect.hash, way);
      return;
    }
    const { nonce, attempt, signingHash } = effect.intended;
    const hash = await sender.sign(this.unsigned(effect.intended), signingHash);
    await this.hear({ kind: 'signed', nonce, attempt, signingHash, hash });
  }

  private unsigned(intended: TransactionIntended): Parameters<ChainSender['sign']>[0] {
    const { nonce, to, value, data, gasLimit, maxFeePerGas, maxPriorityFeePerGas } = intended;
    return {
      ...{ chainId: this.account.adopted.chainId, nonce, to, data, gasLimit, value: BigInt(value) },
      ...{ maxFeePerGas: BigInt(maxFeePerGas), maxPriorityFeePerGas: BigInt(maxPriorityFeePerGas) },
    };
  }

  /** By the chain's clock. */
  private now(): string {
    return formatInstant(BigInt(this.ports.watch.tip.time) * NANOS_PER_SECOND);
  }
}
