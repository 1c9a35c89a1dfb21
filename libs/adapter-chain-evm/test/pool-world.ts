import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom } from '@evenkeel/kernel';
import { PoolFollower, sqrtRatioAtTick } from '@evenkeel/pools';
import { abiFunction } from '../src/abi';
import { LocalWorld } from '../src/local-chain/local-world';
import { PoolTraffic } from '../src/local-chain/pool-traffic';
import { createPool, deployTokens, deployUniswap, fund } from '../src/local-chain/uniswap';
import type { DeployedPool, Uniswap } from '../src/local-chain/uniswap';
import type { BlockHeader, ChainLog } from '../src/node-blocks';
import { poolEventOf } from '../src/pool-logs';

const ENABLE = abiFunction('enableFeeAmount(uint24,int24)');
const TRANSFER = abiFunction('transfer(address,uint256)', 'bool');
const PLENTY = 10n ** 25n;

export interface PoolUnderTest {
  readonly pool: DeployedPool;
  readonly traffic: PoolTraffic;
  readonly follower: PoolFollower;
}

export interface PoolWorld {
  readonly world: LocalWorld;
  readonly uniswap: Uniswap;
  readonly pools: readonly PoolUnderTest[];
}

export interface WantedPool {
  readonly feePips: number;
  readonly tickSpacing: number;
  /** Price 1 is 0; a coin of 2,500 dollars stands at 78,244 as token0 and at −78,244 as token1. */
  readonly home: number;
  /** Ranges that it opens with beside the one over all prices; 30. Few make swaps cross words of the bitmap without a tick. */
  readonly ranges?: number;
}

/** Uniswap on a local chain with pools that have seeded users; each pool is followed from its first log. */
export async function startPools(seed: string, wanted: readonly WantedPool[]): Promise<PoolWorld> {
  const world = await LocalWorld.start(seed, { gasLimit: 200_000_000 });
  try {
    const { chain } = world;
    const [owner, provider, trader] = [chain.account(0), chain.account(1), chain.account(2)];
    const uniswap = await deployUniswap(chain, owner);
    const [borrower = ''] = await chain.deploy(owner, [borrowerCode()]);
    const pools: PoolUnderTest[] = [];
    for (const [index, { feePips, tickSpacing, home, ranges = 30 }] of wanted.entries()) {
      const tokens = await deployTokens(chain, owner);
      await fund(chain, [provider, trader], tokens, [uniswap.router, uniswap.positionManager], PLENTY);
      await chain.send(
        tokens.map((to) => ({ from: trader, to, data: TRANSFER.encode(borrower, PLENTY / 4n) })),
      );
      await chain.send([
        { from: owner, to: uniswap.factory, data: ENABLE.encode(BigInt(feePips), BigInt(tickSpacing)) },
      ]);
      const pool = await createPool(chain, uniswap, tokens, feePips, sqrtRatioAtTick(home));
      const random = createRandom(`${seed} pool ${index}`);
      const traffic = new PoolTraffic(chain, uniswap, pool, { trader, provider, borrower }, random, home);
      pools.push({ pool, traffic, follower: new PoolFollower(pool) });
      await chain.send(traffic.opening(ranges));
      await chain.mine();
    }
    await world.sync();
    return { world, uniswap, pools };
  } catch (error) {
    await world.stop();
    throw error;
  }
}

/** Applies the logs of a block to the pools that they belong to. */
export function applyTo(
  pools: readonly PoolUnderTest[],
  block: BlockHeader,
  logs: readonly ChainLog[],
): number {
  let swaps = 0;
  for (const log of logs) {
    const event = poolEventOf(log, block);
    const owner = pools.find(({ pool }) => pool.address === log.address);
    if (event === undefined || owner === undefined) continue;
    owner.follower.apply(event);
    if (event.kind === 'swap') swaps += 1;
  }
  return swaps;
}

/** Compiled from `FlashBorrower.sol` beside it. */
export function borrowerCode(): string {
  const file = readFileSync(join(__dirname, 'flash-borrower.json'), 'utf8');
  return (JSON.parse(file) as { bytecode: string }).bytecode; // our own file, compiled from the source beside it
}
