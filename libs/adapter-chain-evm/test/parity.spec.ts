import { createRandom } from '@evenkeel/kernel';
import type { SwapOrder } from '@evenkeel/pools';
import { readCount } from '../src/hex';
import { field } from '../src/json-rpc';
import { swapData } from '../src/local-chain/uniswap';
import type { LocalSwap } from '../src/local-chain/uniswap';
import { NodeBlocks, readLogs } from '../src/node-blocks';
import { poolEventOf } from '../src/pool-logs';
import { differences } from './pool-state';
import { applyTo, startPools } from './pool-world';
import type { PoolUnderTest, PoolWorld } from './pool-world';
import { describeWithAnvil, sized } from './with-anvil';

const SEED = 'parity 1';
const SWAPS = sized(10_000, 600);
const A_BLOCK = 10;
const SPACING_ONE = { feePips: 100, tickSpacing: 1 };
const SPACING_TEN = { feePips: 500, tickSpacing: 10 };
const SPACING_SIXTY = { feePips: 3_000, tickSpacing: 60 };
const WIDE = { feePips: 10_000, tickSpacing: 200 };

const orderOf = ({ zeroForOne, amount, limit }: LocalSwap): SwapOrder =>
  limit === 0n ? { zeroForOne, amount } : { zeroForOne, amount, limit };

describeWithAnvil('parity: executed swaps', () => {
  let made: PoolWorld;
  beforeAll(async () => {
    // The coin is token0 in some and token1 in others.
    made = await startPools(SEED, [
      { ...SPACING_ONE, home: 0 },
      { ...SPACING_TEN, home: 78_244 },
      { ...SPACING_TEN, home: -78_244 },
      { ...SPACING_SIXTY, home: -78_244 },
      { ...WIDE, home: 78_244 },
      { ...SPACING_ONE, feePips: 200, home: 100, ranges: 0 },
    ]);
  });
  afterAll(() => made.world.stop());

  it(
    `${SWAPS} swaps as they were worked out before, to the wei, and the contract's state after each block`,
    async () => {
      const { world, pools, uniswap } = made;
      const { chain } = world;
      const trader = chain.account(2);
      const random = createRandom(SEED);
      const source = new NodeBlocks(chain.node);
      const addresses = pools.map(({ pool }) => pool.address);
      const seen = {
        swaps: 0,
        exactOut: 0,
        limited: 0,
        reverted: 0,
        blocks: 0,
        events: 0,
        dust: 0,
        emptyWords: 0,
      };
      let from = 0;
      const catchUp = async (): Promise<void> => {
        const blocks = await source.between(from, await chain.height());
        const logs = await source.logs(blocks, addresses);
        blocks.forEach((block, index) => {
          applyTo(pools, block, logs[index] ?? []);
          seen.events += (logs[index] ?? []).length;
        });
        for (const { follower } of pools) follower.finalize(await chain.height());
        from += blocks.length;
      };
      const swapBlock = async ({ pool, traffic, follower }: PoolUnderTest): Promise<void> => {
        const others = random.integer(3) === 0 ? await traffic.next(follower.pool.slot.tick, 0) : [];
        if (others.length > 0) {
          await chain.send(others);
          await chain.mine();
          await catchUp();
        }
        const orders = Array.from({ length: A_BLOCK }, () => traffic.order(follower.pool.slot.tick));
        const hashes = await chain.send(
          orders.map((order) => ({
            from: trader,
            to: uniswap.router,
            data: swapData(pool, trader, order),
            gas: 3_000_000,
          })),
        );
        await chain.mine();
        const receipts = await chain.node.batch(hashes.map((hash) => ['eth_getTransactionReceipt', [hash]]));
        const [block] = await source.between(from, from);
        if (block === undefined) throw new Error('the block was made');
        for (const [index, order] of orders.entries()) {
          const logs = readLogs(field(receipts[index], 'logs')).filter(
            ({ address }) => address === pool.address,
          );
          const [log] = logs;
          if (readCount(field(receipts[index], 'status')) === 0 || log === undefined) {
            // Nothing to swap on that side of the limit, or more wanted out than there is.
            seen.reverted += 1;
            continue;
          }
          const before = follower.pool.slot.tick;
          // Worked out from the order alone, before the log is looked at.
          const plan = follower.pool.planSwap(orderOf(order));
          const told = poolEventOf(log, block);
          const { amount0, amount1, sqrtPrice, tick, liquidity } = plan;
          expect({ seed: SEED, order, told }).toMatchObject({
            told: { kind: 'swap', amount0, amount1, sqrtPrice, tick, liquidity },
          });
          applyTo([{ pool, traffic, follower }], block, [log]);
          seen.swaps += 1;
          if (order.amount < 0n) seen.exactOut += 1;
          if (order.limit !== 0n) seen.limited += 1;
          if (order.amount < 1_000n && order.amount > -1_000n) seen.dust += 1;
          if (follower.pool.snapshot().ticks.length < 10 && Math.abs(tick - before) > 256 * pool.tickSpacing)
            seen.emptyWords += 1;
        }
        from += 1;
        seen.blocks += 1;
        const whole = seen.blocks % 25 === 0;
        const differing = await differences(
          chain,
          pool.address,
          block.number,
          follower.pool.snapshot(),
          whole,
        );
        expect({ seed: SEED, block: block.number, differing }).toEqual({
          seed: SEED,
          block: block.number,
          differing: [],
        });
      };
      await catchUp();
      for (let turn = 0; seen.swaps < SWAPS; turn += 1) {
        const one = pools[turn % pools.length];
        if (one !== undefined) await swapBlock(one);
      }
      process.stderr.write(`parity ${SEED}: ${JSON.stringify(seen)}, 0 differences\n`);
      expect(seen.exactOut).toBeGreaterThan(SWAPS / 5);
      expect(seen.limited).toBeGreaterThan(SWAPS / 8);
      expect(seen.dust).toBeGreaterThan(SWAPS / 40);
      expect(seen.emptyWords).toBeGreaterThan(0);
      expect(seen.reverted).toBeLessThan(SWAPS / 5);
    },
    sized(1_800_000, 120_000),
  );
});
