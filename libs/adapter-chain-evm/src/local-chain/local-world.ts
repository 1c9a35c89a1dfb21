import { createRandom } from '@evenkeel/kernel';
import { NodeRefused, field } from '../json-rpc';
import { quantity, readCount, readQuantity } from '../hex';
import { FaultyNode } from './faulty-node';
import { LocalChain } from './local-chain';
import type { AnvilSettings } from './anvil';
import { WaitingPool } from './waiting-pool';

/** A chain with a pool of waiting transactions and two nodes in front of it, each with its own view and its own faults. */
export class LocalWorld {
  private constructor(
    readonly chain: LocalChain,
    /** What anybody can see waiting. */
    readonly pool: WaitingPool,
    /** What was sent through a relay. */
    readonly hidden: WaitingPool,
    readonly nodes: readonly [FaultyNode, FaultyNode],
    readonly urls: readonly [string, string],
  ) {}

  static async start(seed: string, settings: AnvilSettings = {}): Promise<LocalWorld> {
    const chain = await LocalChain.start(settings);
    const [pool, hidden] = [new WaitingPool(), new WaitingPool()];
    const random = createRandom(seed);
    const nodes = [
      new FaultyNode(chain.node, pool, random, hidden),
      new FaultyNode(chain.node, pool, random, hidden),
    ] as const;
    const urls = [await nodes[0].listen(), await nodes[1].listen()] as const;
    const world = new LocalWorld(chain, pool, hidden, nodes, urls);
    await world.sync();
    return world;
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.close()));
    await this.chain.stop();
  }

  /** Both nodes take over the chain as it is. */
  async sync(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.sync()));
  }

  /** A block of what waits and pays its base fee, and of what others put into the local node; nodes see it when they are synced. */
  async mine(seconds = 12): Promise<void> {
    const baseFee = await this.nextBaseFee();
    const pools = [this.pool, this.hidden];
    for (const pool of pools)
      for (const from of pool.senders()) {
        const ready = pool.executable(from, await this.nonce(from), baseFee);
        for (const { raw } of ready)
          // Another of its nonce may be in the local node already, by the other way.
          await this.chain.node.call('eth_sendRawTransaction', [raw]).catch(unlessRefused);
      }
    await this.chain.mine(seconds);
    for (const pool of pools) for (const from of pool.senders()) pool.settle(from, await this.nonce(from));
  }

  /** The next block's base fee, by EIP-1559 or as `setBaseFee` said. */
  async nextBaseFee(): Promise<bigint> {
    const history = await this.chain.node.call('eth_feeHistory', [quantity(1), 'latest', []]);
    const fees = field(history, 'baseFeePerGas');
    return readQuantity(Array.isArray(fees) ? fees.at(-1) : undefined);
  }

  async setBaseFee(wei: bigint): Promise<void> {
    await this.chain.node.call('anvil_setNextBlockBaseFeePerGas', [quantity(wei)]);
  }

  /** Takes the last `depth` blocks off the chain. What was in them waits again, or is gone with them. */
  async takeBack(depth: number, { returns = true } = {}): Promise<void> {
    await this.chain.node.call('anvil_rollback', [depth]);
    this.chain.forgetNonces();
    for (const pool of [this.pool, this.hidden]) {
      if (!returns) {
        pool.forgetIncluded();
        continue;
      }
      const nonces = new Map<string, number>();
      for (const from of pool.includedSenders()) nonces.set(from, await this.nonce(from));
      pool.comeBack(nonces);
    }
  }

  private async nonce(account: string): Promise<number> {
    return readCount(await this.chain.node.call('eth_getTransactionCount', [account, 'latest']));
  }
}

function unlessRefused(error: unknown): void {
  if (!(error instanceof NodeRefused)) throw error;
}
