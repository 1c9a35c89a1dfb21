import type { ChainReport } from '@evenkeel/execution';
import type { ChainBlock } from '@evenkeel/facts';
import { NANOS_PER_SECOND, assert, formatInstant } from '@evenkeel/kernel';
import { BlockFollower } from './block-follower';
import type { ChainSink, FollowStep, FollowerSettings } from './block-follower';
import { readQuantity } from './hex';
import { InclusionReader } from './inclusions';
import type { Inclusion } from './inclusions';
import type { ChainNode } from './json-rpc';
import { NodeBlocks } from './node-blocks';
import type { BlockHeader } from './node-blocks';

/** A nonce that is signed for and not final, with the hashes of all its attempts. */
export interface OpenNonce {
  readonly nonce: number;
  readonly hashes: readonly string[];
}

export interface Watched {
  /** `0x` and 40 hex digits. */
  readonly account: string;
  /** Tokens whose balances the account trades. */
  readonly tokens: readonly string[];
  /** Blocks that the record rests on and that are not final (`blocksRestedOn`): told of as gone where they are. All lie above `from`. */
  readonly restedOn?: readonly ChainBlock[];
}

/**
 * What happened to an account's transactions, as reports for the core that owns its nonces: blocks that are gone, what is included, nonces that
 * strangers used, the new head. What a poll could not finish, because a node gave no answer, the next one tells.
 */
export class ChainWatch {
  readonly follower: BlockFollower;
  private readonly reader: InclusionReader;
  private gone: ChainBlock[] = [];
  private readonly applied = new Map<number, ChainBlock>();
  /** Block by the hash of a transaction that was told of. */
  private readonly told = new Map<string, string>();
  private headTold: string | undefined;
  private haltTold = false;

  constructor(
    private readonly nodes: readonly [ChainNode, ChainNode],
    settings: FollowerSettings,
    private readonly watched: Watched,
    /** Others that follow the same blocks. */
    sinks: readonly ChainSink[] = [],
  ) {
    const [first, second] = nodes;
    this.follower = new BlockFollower(
      [new NodeBlocks(first), new NodeBlocks(second)],
      settings,
      this.sink(sinks),
    );
    this.reader = new InclusionReader(nodes, this.follower, watched.account);
    for (const block of watched.restedOn ?? []) {
      assert(block.number > settings.from.number, `the chain is followed from below block ${block.number}`);
      this.applied.set(block.number, block);
    }
  }

  /** The newest block that counts. */
  get tip(): BlockHeader {
    return this.follower.tip;
  }

  /** One look at the chain. Nothing may be signed or sent while the step is anything but `advanced` or `unchanged`. */
  async poll(
    open: readonly OpenNonce[],
    coinUsd: string,
  ): Promise<{ step: FollowStep; reports: ChainReport[] }> {
    const step = await this.follower.step();
    if (step.kind === 'halted') return { step, reports: this.halted(step) };
    const reports: ChainReport[] = this.gone.map((block) => ({ kind: 'gone', block }));
    const watched = new Set(open.flatMap(({ hashes }) => hashes));
    for (const hash of this.told.keys()) if (!watched.has(hash)) this.told.delete(hash);
    const inclusions = await this.reader.read([...watched], this.watched.tokens);
    const fresh = inclusions.filter(
      ({ hash, block }) => this.told.get(hash) !== block.hash || this.isGone(block),
    );
    reports.push(...fresh.map((one) => this.included(one)));
    reports.push(...(await this.taken(open, inclusions)));
    // The block that we stopped at is no news while the nodes lag or contradict each other.
    const isNews = step.kind === 'advanced' || step.kind === 'unchanged';
    const head = isNews ? await this.head(coinUsd) : undefined;
    if (head !== undefined) {
      reports.push(head);
      this.headTold = this.tip.hash;
    }
    this.remember(fresh);
    return { step, reports };
  }

  private remember(fresh: readonly Inclusion[]): void {
    this.gone = [];
    for (const { hash, block } of fresh) this.told.set(hash, block.hash);
  }

  private sink(others: readonly ChainSink[]): ChainSink {
    return {
      applyBlock: (block, logs) => {
        const before = this.applied.get(block.number);
        if (before !== undefined && before.hash !== block.hash) this.gone.push(before);
        this.applied.set(block.number, { number: block.number, hash: block.hash });
        others.forEach((one) => one.applyBlock(block, logs));
      },
      undoAbove: (number) => {
        const above = [...this.applied.values()].filter((block) => block.number > number);
        this.gone.push(...above.reverse());
        above.forEach((block) => this.applied.delete(block.number));
        others.forEach((one) => one.undoAbove(number));
      },
      finalize: (number) => {
        for (const known of this.applied.keys()) if (known < number) this.applied.delete(known);
        others.forEach((one) => one.finalize(number));
      },
    };
  }

  private isGone(block: ChainBlock): boolean {
    return this.gone.some(({ hash }) => hash === block.hash);
  }

  private included({ nonce: _, time, balances, ...inclusion }: Inclusion): ChainReport {
    return {
      kind: 'included',
      ...inclusion,
      blockTime: isoOf(time),
      balances: balances.map(({ token, before, after }) => ({
        token,
        before: String(before),
        after: String(after),
      })),
    };
  }

  /** Nonces that a final block has used while none of our attempts is included. */
  private async taken(open: readonly OpenNonce[], inclusions: readonly Inclusion[]): Promise<ChainReport[]> {
    if (open.length === 0) return [];
    const { number, hash } = this.follower.finalized;
    const used = await this.reader.noncesAt(number);
    const ours = new Set(inclusions.map(({ nonce }) => nonce));
    const strangers = open.filter(({ nonce }) => nonce < used && !ours.has(nonce));
    return strangers.map(({ nonce }) => ({ kind: 'taken', nonce, block: { number, hash } }));
  }

  private async head(coinUsd: string): Promise<ChainReport | undefined> {
    const { tip } = this.follower;
    if (this.headTold === tip.hash) return undefined;
    const suggested = readQuantity(await this.nodes[0].call('eth_maxPriorityFeePerGas'));
    const block = { number: tip.number, hash: tip.hash };
    return {
      kind: 'block',
      block,
      time: isoOf(tip.time),
      baseFee: nextBaseFee(tip),
      tip: suggested,
      coinUsd,
    };
  }

  /** Told once: the core halts the account on it. */
  private halted(step: Extract<FollowStep, { kind: 'halted' }>): ChainReport[] {
    if (this.haltTold) return [];
    this.haltTold = true;
    if (step.reason === 'NODES_DISAGREE') return [{ kind: 'disagree', detail: step.detail }];
    const { number, hash } = this.follower.finalized;
    return [{ kind: 'gone', block: { number, hash } }];
  }
}

/** Wei a unit of gas that the block after this one asks: an eighth more when it was full, an eighth less when it was empty. EIP-1559. */
export function nextBaseFee({ baseFee, gasUsed, gasLimit }: BlockHeader): bigint {
  const target = BigInt(gasLimit) / 2n;
  const over = BigInt(gasUsed) - target;
  if (over === 0n || target === 0n) return baseFee;
  const change = (baseFee * (over < 0n ? -over : over)) / target / 8n;
  if (over < 0n) return baseFee - change;
  return baseFee + (change > 1n ? change : 1n);
}

function isoOf(seconds: number): string {
  return formatInstant(BigInt(seconds) * NANOS_PER_SECOND);
}
