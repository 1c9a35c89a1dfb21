import { PoolFollower } from '@evenkeel/pools';
import type { LivePool } from '@evenkeel/pools';
import type { LocalChain } from '../src/local-chain/local-chain';
import type { DeployedPool } from '../src/local-chain/uniswap';
import { NodeBlocks } from '../src/node-blocks';
import { poolEventOf } from '../src/pool-logs';

/** A pool of the local chain, kept from its logs. */
export class FollowedPool {
  private readonly follower: PoolFollower;
  private readonly blocks: NodeBlocks;
  private next = 0;

  constructor(
    private readonly chain: LocalChain,
    private readonly deployed: DeployedPool,
  ) {
    this.follower = new PoolFollower(deployed);
    this.blocks = new NodeBlocks(chain.node);
  }

  get pool(): LivePool {
    return this.follower.pool;
  }

  async catchUp(): Promise<void> {
    const height = await this.chain.height();
    const headers = await this.blocks.between(this.next, height);
    const logs = await this.blocks.logs(headers, [this.deployed.address]);
    for (const [index, header] of headers.entries())
      for (const log of logs[index] ?? []) {
        const event = poolEventOf(log, header);
        if (event !== undefined) this.follower.apply(event);
      }
    this.next = height + 1;
  }
}
