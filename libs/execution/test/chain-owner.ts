import type { ChainAccountAdopted, ChainBlock } from '@evenkeel/facts';
import { sha256, toHex } from '@evenkeel/kernel';
import type { Random } from '@evenkeel/kernel';
import type { ChainReport } from '../src/chain-account/chain-report';
import { nextOnChain, observeChain } from '../src/chain-account/decide';
import type { ChainAccountEvent } from '../src/chain-account/events';
import { evolveChainAccount } from '../src/chain-account/evolve';
import { intendAction } from '../src/chain-account/intend';
import type { ChainStep, WantedAction } from '../src/chain-account/intend';
import { blocksRestedOn, pendingEffects } from '../src/chain-account/queries';
import type { ChainAccount, ChainEffect } from '../src/chain-account/state';
import type { ChainInMemory, MinedBlock, RawTransaction } from './chain-in-memory';

/** A defect on purpose. */
export type Planted = 'none' | 'sends-before-it-is-on-record' | 'takes-first-block-as-final';

export interface Faults {
  /** Shares of what they befall. */
  readonly crash: number;
  readonly lost: number;
}

/** How often what befell it. */
export interface Counts {
  crashes: number;
  lostCalls: number;
  undone: number;
  refusals: number;
}

class Crash extends Error {}

/**
 * A host around the account's core: a journal, an outbox and a signer, all of which outlive a crash, and a follower that tells the chain's
 * blocks. Everything else is forgotten when it crashes, which it does between any two steps.
 */
export class ChainOwner {
  readonly journal: ChainAccountEvent[] = [];
  readonly counts: Counts = { crashes: 0, lostCalls: 0, undone: 0, refusals: 0 };
  private readonly outbox = new Map<string, RawTransaction>();
  private account: ChainAccount;
  /** Blocks that were told as of the chain, by number; kept over crashes, as a place in a file would be. */
  private readonly told: MinedBlock[] = [];
  private signatures = 0;

  constructor(
    private readonly chain: ChainInMemory,
    private readonly random: Random,
    private readonly faults: Faults,
    private readonly planted: Planted,
    adopted: ChainAccountAdopted,
  ) {
    const rules =
      planted === 'takes-first-block-as-final' ? { ...adopted.rules, finalityBlocks: 0 } : adopted.rules;
    this.journal.push({ type: 'ChainAccountAdopted', payload: { ...adopted, rules } });
    this.account = this.recovered();
  }

  get halted(): string | undefined {
    return this.account.halted;
  }

  get waiting(): number {
    return this.account.uses.size;
  }

  /** Wants an action; true once its intent is on record. */
  want(action: WantedAction): boolean {
    return this.surviving(() => {
      const step = intendAction(this.account, action, this.now());
      if (typeof step === 'string') {
        const isThere = step === 'ALREADY_OPEN' || step === 'ALREADY_DONE';
        if (!isThere) this.counts.refusals += 1;
        return isThere;
      }
      this.take(step);
      return true;
    });
  }

  /** Hears what the chain is now, and does again what the chain may have forgotten. */
  follow(): void {
    this.surviving(() => {
      for (const block of blocksRestedOn(this.account))
        if (!this.stands(block)) this.hear({ kind: 'gone', block: refOf(block) });
      for (let last = this.told.at(-1); last !== undefined && !this.stands(last); last = this.told.at(-1)) {
        this.hear({ kind: 'gone', block: refOf(last) });
        this.told.pop();
      }
      for (const block of this.chain.blocks.slice(this.told.length)) {
        for (const transaction of block.transactions) {
          const { hash, index, gasUsed, gasPrice, reverted } = transaction;
          const at = { block: refOf(block), blockTime: block.time, index };
          this.hear({ kind: 'included', hash, ...at, gasUsed, gasPrice, reverted, balances: [] });
        }
        const fees = { baseFee: this.chain.nextBaseFee(), tip: 1_000_000_000n, coinUsd: '3000' };
        this.hear({ kind: 'block', block: refOf(block), time: block.time, ...fees });
        this.told.push(block);
      }
      for (const effect of pendingEffects(this.account)) this.carryOut(effect);
      return true;
    });
  }

  private stands({ number, hash }: ChainBlock): boolean {
    return this.chain.blocks[number]?.hash === hash;
  }

  private surviving(work: () => boolean): boolean {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      this.counts.crashes += 1;
      this.account = this.recovered();
      return false;
    }
  }

  /** What a process knows that has only the journal. Its follower goes on where it was, with the newest block told again. */
  private recovered(): ChainAccount {
    let account: ChainAccount | undefined;
    for (const event of this.journal) account = evolveChainAccount(account, event);
    if (account === undefined) throw new Error('an account begins with its adoption');
    this.told.pop();
    return account;
  }

  private hear(report: ChainReport): void {
    this.breakDown();
    observeChain(this.account, report);
    for (;;) {
      const step = nextOnChain(this.account, report, this.now());
      if (step === undefined) return;
      this.take(step);
    }
  }

  private take({ events, effects }: ChainStep): void {
    this.breakDown();
    for (const event of events) if (event.type === 'TransactionReorged') this.counts.undone += 1;
    this.journal.push(...events);
    for (const event of events) this.account = evolveChainAccount(this.account, event);
    for (const effect of effects) this.carryOut(effect);
  }

  private carryOut(effect: ChainEffect): void {
    this.breakDown();
    if (effect.kind === 'broadcast') {
      this.send(effect.hash);
      return;
    }
    const { nonce, attempt, signingHash, action, actionId, gasLimit } = effect.intended;
    this.signatures += 1;
    // As of a signer whose signatures differ each time.
    const hash = `0x${toHex(sha256(new TextEncoder().encode(`${signingHash}/${this.signatures}`)))}`;
    const fees = {
      maxFee: BigInt(effect.intended.maxFeePerGas),
      tip: BigInt(effect.intended.maxPriorityFeePerGas),
    };
    this.outbox.set(hash, { hash, nonce, action, actionId, gasLimit, ...fees });
    if (this.planted === 'sends-before-it-is-on-record') this.send(hash);
    this.hear({ kind: 'signed', nonce, attempt, signingHash, hash });
  }

  private send(hash: string): void {
    const raw = this.outbox.get(hash);
    if (raw === undefined) throw new Error(`nothing was kept of ${hash}`);
    if (this.random.next() < this.faults.lost) {
      this.counts.lostCalls += 1;
      if (this.random.next() < 0.5) return;
    }
    this.chain.send(raw);
    this.breakDown();
  }

  private breakDown(): void {
    if (this.random.next() < this.faults.crash) throw new Crash('between two steps');
  }

  private now(): string {
    return this.chain.head.time;
  }
}

function refOf({ number, hash }: ChainBlock): ChainBlock {
  return { number, hash };
}
