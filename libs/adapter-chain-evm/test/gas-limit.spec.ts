import { createRandom, median } from '@evenkeel/kernel';
import { swapGas, ticksInReach } from '@evenkeel/pools';
import { readCount } from '../src/hex';
import { field } from '../src/json-rpc';
import { fund, read, swapData } from '../src/local-chain/uniswap';
import type { LocalSwap } from '../src/local-chain/uniswap';
import { NodeBlocks } from '../src/node-blocks';
import { QUOTER, ROUTER } from '../src/uniswap-calls';
import { applyTo, startPools } from './pool-world';
import type { PoolWorld } from './pool-world';
import { describeWithAnvil, sized } from './with-anvil';

const SEED = 'gas 1';
const SWAPS = sized(1_000, 60);
const COLLAR = 0.01;
/** A call that ran out inside others leaves a 64th a level. */
const STARVED = 0.93;
const FAR = 1n << 40n;
const RIVAL_FEE = 600_000_000_000n;

describeWithAnvil('gas: limits of our own', () => {
  let made: PoolWorld;
  beforeAll(async () => {
    made = await startPools(SEED, [{ feePips: 500, tickSpacing: 10, home: 0 }]);
  });
  afterAll(() => made.world.stop());

  it(
    `${SWAPS} swaps with a rival trade between quote and inclusion: none runs out of gas`,
    async () => {
      const { uniswap, world } = made;
      const [one] = made.pools;
      if (one === undefined) throw new Error('a pool was made');
      const { pool, traffic, follower } = one;
      const { chain } = world;
      const ours = chain.account(3);
      await fund(chain, [ours], [pool.token0, pool.token1], [uniswap.router], 10n ** 24n);
      const random = createRandom(SEED);
      const source = new NodeBlocks(chain.node);
      let from = 0;
      const catchUp = async (): Promise<void> => {
        const blocks = await source.between(from, await chain.height());
        const logs = await source.logs(blocks, [pool.address]);
        blocks.forEach((block, index) => applyTo([one], block, logs[index] ?? []));
        follower.finalize(await chain.height());
        from += blocks.length;
      };
      const seen = { out: 0, refused: 0, included: 0, nodeOut: 0, moreTicks: 0, worst: 0 };
      const ratios: number[] = [];
      await catchUp();
      while (seen.included + seen.refused + seen.out < SWAPS) {
        const { tick } = follower.pool.slot;
        const zeroForOne = random.integer(2) === 0;
        const amount = BigInt(1 + random.integer(40_000)) * 10n ** 15n;
        const [tokenIn, tokenOut] = zeroForOne ? [pool.token0, pool.token1] : [pool.token1, pool.token0];
        const asked = [tokenIn, tokenOut, amount, BigInt(pool.feePips), 0n];
        const [amountOut, priceAfter, , quoterGas] = await read(
          chain,
          uniswap.quoter,
          QUOTER.quoteExactInputSingle,
          asked,
        );
        const minimum = (BigInt(String(amountOut)) * BigInt(10_000 - COLLAR * 10_000)) / 10_000n;
        // Half the collar on the root of the price: a swap that somebody pushed further than that stops there, and its minimum refuses it.
        const bound = BigInt(10_000 + (zeroForOne ? -1 : 1) * COLLAR * 5_000);
        const stop = (BigInt(String(priceAfter)) * bound) / 10_000n;
        const data = ROUTER.exactInputSingle.encode([
          tokenIn,
          tokenOut,
          500n,
          ours,
          FAR,
          amount,
          minimum,
          stop,
        ]);
        const reach = ticksInReach(follower.pool, { zeroForOne, amount }, COLLAR);
        const { limit } = swapGas(Number(quoterGas), reach);
        const estimate = readCount(
          await chain.node.call('eth_estimateGas', [{ from: ours, to: uniswap.router, data }, 'latest']),
        );
        const rival: LocalSwap = traffic.order(tick);
        const rivalData = swapData(pool, chain.account(2), rival);
        const play = async (gas: number): Promise<unknown> => {
          await chain.send([
            {
              from: chain.account(2),
              to: uniswap.router,
              data: rivalData,
              gas: 5_000_000,
              maxFeePerGas: RIVAL_FEE,
            },
          ]);
          const [hash] = await chain.send([{ from: ours, to: uniswap.router, data, gas }]);
          await chain.mine();
          return chain.node.call('eth_getTransactionReceipt', [hash]);
        };
        const starved = (receipt: unknown, gas: number): boolean =>
          field(receipt, 'status') === '0x0' && readCount(field(receipt, 'gasUsed')) > gas * STARVED;
        // The same with the node's estimate, on a branch that is thrown away.
        const snapshot = await chain.node.call('evm_snapshot');
        if (starved(await play(estimate), estimate)) seen.nodeOut += 1;
        await chain.node.call('evm_revert', [snapshot]);
        chain.forgetNonces();
        const receipt = await play(limit);
        if (starved(receipt, limit)) seen.out += 1;
        else if (field(receipt, 'status') === '0x0') seen.refused += 1;
        else {
          seen.included += 1;
          const used = readCount(field(receipt, 'gasUsed'));
          ratios.push(limit / used);
          if (used > estimate) seen.moreTicks += 1;
          seen.worst = Math.max(seen.worst, used / limit);
        }
        await catchUp();
      }
      const typical = median(ratios) ?? Infinity;
      process.stderr.write(`gas ${SEED}: ${JSON.stringify({ ...seen, limitToUsed: typical })}\n`);
      expect(seen.out).toBe(0);
      // The trade in between is a real one: the node's own estimate fails in it.
      expect(seen.nodeOut).toBeGreaterThan(SWAPS / 10);
      expect(typical).toBeLessThanOrEqual(2);
    },
    sized(1_800_000, 120_000),
  );
});
