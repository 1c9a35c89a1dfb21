import { assert, required } from '@evenkeel/kernel';
import type { BlockHeader, ChainLog, NodeBlocks } from './node-blocks';

/** When a block can no longer be undone: this many blocks stand on it, or both nodes call it final. */
export type Finality = { readonly depth: number } | { readonly tag: 'finalized' };

/** What the chain says, in order. Each block was known to both nodes by its hash, with the same logs. */
export interface ChainSink {
  applyBlock(block: BlockHeader, logs: readonly ChainLog[]): void;
  /** Every block above this number is no longer of the chain. */
  undoAbove(number: number): void;
  /** This block and all before it stay. */
  finalize(number: number): void;
}

export interface FollowerSettings {
  readonly finality: Finality;
  /** Contracts whose logs are wanted. */
  readonly addresses: readonly string[];
  /** The block to begin behind: known to be of the chain. */
  readonly from: BlockHeader;
  /** Blocks that one node may make while the other contradicts it, before that is no lag any more. */
  readonly patienceBlocks?: number;
}

export type FollowStep =
  | { readonly kind: 'advanced'; readonly blocks: number; readonly undone: number }
  | { readonly kind: 'unchanged' }
  /** A node's newest block is one that we have passed: it lags, and nothing is undone. */
  | { readonly kind: 'behind'; readonly node: string; readonly blocks: number }
  /** The nodes name different blocks at one height. Nothing is a fact until they agree. */
  | { readonly kind: 'disagree'; readonly detail: string }
  | { readonly kind: 'halted'; readonly reason: HaltReason; readonly detail: string };

export type HaltReason = 'FINALITY_BROKEN' | 'NODES_DISAGREE';

const STEP_BLOCKS_MAX = 256;
const PATIENCE_BLOCKS = 3;

/**
 * Follows a chain over two nodes. A head is a fact when both know it by its hash; blocks hang together by parent hash, and what no longer
 * does is undone as far as the last common block. A node never says "removed": that is worked out here. One that lags is behind, not
 * reorganised. A chain that differs below what was final ends following for good, with its reason.
 */
export class BlockFollower {
  /** From the last final block on, by number; without gaps. */
  private readonly chain = new Map<number, BlockHeader>();
  private head: BlockHeader;
  private final: number;
  private halt: Extract<FollowStep, { kind: 'halted' }> | undefined;
  private disagreeingSince: number | undefined;

  constructor(
    private readonly nodes: readonly [NodeBlocks, NodeBlocks],
    private readonly settings: FollowerSettings,
    private readonly sink: ChainSink,
  ) {
    this.head = settings.from;
    this.final = settings.from.number;
    this.chain.set(settings.from.number, settings.from);
  }

  get tip(): BlockHeader {
    return this.head;
  }

  /** The newest block that stays. */
  get finalized(): BlockHeader {
    return required(this.chain.get(this.final), 'the last final block');
  }

  get halted(): HaltReason | undefined {
    return this.halt?.reason;
  }

  /** Whether the block is of the chain as far as it is followed; undefined where it is older than the last final one. */
  holds({ number, hash }: { readonly number: number; readonly hash: string }): boolean | undefined {
    return number < this.final ? undefined : this.chain.get(number)?.hash === hash;
  }

  /** Asks both nodes once and passes on what is new. Throws what the nodes throw; then nothing has changed. */
  async step(): Promise<FollowStep> {
    if (this.halt !== undefined) return this.halt;
    const agreed = await this.agreedHead();
    if ('kind' in agreed) return agreed;
    this.disagreeingSince = undefined;
    const { node, head } = agreed;
    const known = this.chain.get(head.number)?.hash === head.hash;
    if (known && head.number === this.head.number) return { kind: 'unchanged' };
    // A node that starts anew is far below what is final: however deep that is, it says nothing against the chain we hold.
    if (known || head.number < this.final)
      return { kind: 'behind', node: node.name, blocks: this.head.number - head.number };
    if (head.number === this.final) return this.broken(head.number);
    return this.take(node, head);
  }

  /** The lower of the two heads, when the other node has the same block there. */
  private async agreedHead(): Promise<
    FollowStep | { readonly node: NodeBlocks; readonly head: BlockHeader }
  > {
    const heads = await Promise.all(this.nodes.map((node) => node.head()));
    const [first, second] = [required(heads[0], 'a head'), required(heads[1], 'a head')];
    const [node, other] = first.number <= second.number ? this.nodes : [this.nodes[1], this.nodes[0]];
    const [head, ahead] = first.number <= second.number ? [first, second] : [second, first];
    const there = ahead.number === head.number ? ahead : await other.at(head.number);
    // It moved to another branch between two questions: the next step asks again.
    if (there === undefined) return { kind: 'unchanged' };
    if (there.hash === head.hash) return { node, head };
    return this.disagreement(head, ahead.number);
  }

  private async disagreement(head: BlockHeader, ahead: number): Promise<FollowStep> {
    const [a, b] = this.nodes;
    const detail = `${a.name} and ${b.name} name different blocks at height ${head.number}`;
    const { patienceBlocks = PATIENCE_BLOCKS } = this.settings;
    const since = (this.disagreeingSince ??= ahead);
    const [mine, theirs] = await Promise.all([a.at(this.final), b.at(this.final)]);
    const atFinal = mine !== undefined && theirs !== undefined && mine.hash !== theirs.hash;
    if (atFinal || ahead - since > patienceBlocks) return this.stop('NODES_DISAGREE', detail);
    return { kind: 'disagree', detail };
  }

  private async take(node: NodeBlocks, head: BlockHeader): Promise<FollowStep> {
    const last = Math.min(head.number, this.head.number + STEP_BLOCKS_MAX);
    let first = Math.min(this.head.number, head.number - 1) + 1;
    let blocks = await node.between(first, last);
    for (let depth = 1; ; depth *= 2) {
      if (blocks.length < last - first + 1 || !hangTogether(blocks)) return { kind: 'unchanged' };
      const [lowest] = blocks;
      if (lowest !== undefined && this.chain.get(first - 1)?.hash === lowest.parentHash) break;
      if (first - 1 <= this.final) return this.broken(first - 1);
      const lower = Math.max(this.final + 1, first - depth);
      blocks = [...(await node.between(lower, first - 1)), ...blocks];
      first = lower;
    }
    const fresh = blocks.filter((block) => this.chain.get(block.number)?.hash !== block.hash);
    // The head itself must still be there, or the blocks are those of a branch that the other node was not asked about.
    if (last === head.number && fresh.at(-1)?.hash !== head.hash) return { kind: 'unchanged' };
    const [logs, again] = await Promise.all(
      this.nodes.map((one) => one.logs(fresh, this.settings.addresses)),
    );
    if (JSON.stringify(logs) !== JSON.stringify(again))
      return { kind: 'disagree', detail: `the nodes tell different logs up to block ${head.number}` };
    const final = await this.finalAt(last, fresh);
    return this.pass(fresh, required(logs, 'the logs of a node'), final);
  }

  private pass(fresh: readonly BlockHeader[], logs: readonly ChainLog[][], final: number): FollowStep {
    const first = required(fresh[0], 'a new block');
    const undone = Math.max(0, this.head.number - first.number + 1);
    if (undone > 0) {
      this.sink.undoAbove(first.number - 1);
      for (let number = first.number; number <= this.head.number; number += 1) this.chain.delete(number);
    }
    fresh.forEach((block, index) => {
      this.chain.set(block.number, block);
      this.head = block;
      this.sink.applyBlock(block, logs[index] ?? []);
    });
    if (final > this.final) {
      for (let number = this.final; number < final; number += 1) this.chain.delete(number);
      this.final = final;
      this.sink.finalize(final);
    }
    assert(this.chain.size === this.head.number - this.final + 1, 'the followed chain has no gap');
    return { kind: 'advanced', blocks: fresh.length, undone };
  }

  /** The newest block that stays once `tip` is the newest of all. */
  private async finalAt(tip: number, fresh: readonly BlockHeader[]): Promise<number> {
    const { finality } = this.settings;
    if ('depth' in finality) return Math.max(this.final, tip - finality.depth);
    const tagged = await Promise.all(this.nodes.map((node) => node.finalized()));
    const ours = (block: BlockHeader): boolean =>
      (fresh.find(({ number }) => number === block.number) ?? this.chain.get(block.number))?.hash ===
      block.hash;
    // What one node calls final and the other has not, or what we do not hold, is not final yet.
    const numbers = tagged.map((block) => (block !== undefined && ours(block) ? block.number : this.final));
    return Math.max(this.final, Math.min(tip, ...numbers));
  }

  private broken(height: number): FollowStep {
    return this.stop('FINALITY_BROKEN', `block ${height} was final, and both nodes have another one there`);
  }

  private stop(reason: HaltReason, detail: string): FollowStep {
    this.halt = { kind: 'halted', reason, detail };
    return this.halt;
  }
}

function hangTogether(blocks: readonly BlockHeader[]): boolean {
  return blocks.every((block, index) => index === 0 || blocks[index - 1]?.hash === block.parentHash);
}
