import { createRandom } from '@evenkeel/kernel';
import { feesOwed, sqrtRatioAtTick } from '@evenkeel/pools';
import type { ManagedRange } from '@evenkeel/pools';
import { abiFunction } from '../src/abi';
import type { AbiValue } from '../src/abi';
import { readHex } from '../src/hex';
import { LocalChain } from '../src/local-chain/local-chain';
import type { Sending } from '../src/local-chain/local-chain';
import { createPool, deployTokens, deployUniswap, fund } from '../src/local-chain/uniswap';
import { mintRange, read, swapData } from '../src/local-chain/uniswap';
import type { Uniswap } from '../src/local-chain/uniswap';
import { FollowedPool } from './followed-pool';
import { describeWithAnvil } from './with-anvil';

const COLLECT = abiFunction('collect((uint256,address,uint128,uint128))', 'uint256,uint256');
const POSITIONS = abiFunction(
  'positions(uint256)',
  'uint96,address,address,address,uint24,int24,int24,uint128,uint256,uint256,uint128,uint128',
);
const DECREASE = abiFunction(
  'decreaseLiquidity((uint256,uint128,uint256,uint256,uint256))',
  'uint256,uint256',
);
const MOST = (1n << 128n) - 1n;
const FAR = 1n << 40n;
const TURNS = 130;

/** Several in one range, since the pool rounds for all of them together; some out of range; one over all prices. */
const RANGES: readonly (readonly [number, number])[] = [
  [-600, 600],
  [-600, 600],
  [-60, 60],
  [-60, 60],
  [-60, 60],
  [60, 180],
  [-180, -60],
  [-887_220, 887_220],
];

async function rangeOf(chain: LocalChain, { positionManager }: Uniswap, id: bigint): Promise<ManagedRange> {
  const [, , , , , low, high, ...rest] = await read(chain, positionManager, POSITIONS, id);
  const [liquidity = 0n, growth0 = 0n, growth1 = 0n, owed0 = 0n, owed1 = 0n] = rest.map(whole);
  return {
    tickLower: Number(low),
    tickUpper: Number(high),
    liquidity,
    feeGrowthInside0: growth0,
    feeGrowthInside1: growth1,
    tokensOwed0: owed0,
    tokensOwed1: owed1,
  };
}

function whole(value: AbiValue | undefined): bigint {
  if (typeof value !== 'bigint') throw new Error('the manager answered no number');
  return value;
}

describeWithAnvil('fees owed to ranges of the real position manager', () => {
  it('are what a static collect of everything pays, to the unit, at 1,000 states', async () => {
    const random = createRandom('owed on chain');
    const chain = await LocalChain.start({ gasLimit: 200_000_000 });
    try {
      const [owner, provider, trader] = [chain.account(0), chain.account(1), chain.account(2)];
      const uniswap = await deployUniswap(chain, owner);
      const { positionManager, router } = uniswap;
      const tokens = await deployTokens(chain, owner);
      await fund(chain, [provider, trader], tokens, [positionManager, router], 10n ** 25n);
      const deployed = await createPool(chain, uniswap, tokens, 3_000, sqrtRatioAtTick(0));
      const following = new FollowedPool(chain, deployed);
      const size = (digits: bigint): bigint => BigInt(1 + random.integer(1e9)) * 10n ** digits;
      const opened = await chain.send(
        RANGES.map((range) => mintRange(uniswap, deployed, provider, range, [size(12n), size(12n)])),
      );
      await chain.mine();
      await chain.requireSuccess(opened);
      await following.catchUp();
      const all = (id: bigint): string => COLLECT.encode([id, provider, MOST, MOST]);
      const happenings = async (): Promise<Sending[]> => {
        const sendings = Array.from({ length: 3 }, (): Sending => {
          const zeroForOne = random.integer(3) > (following.pool.slot.tick > 0 ? 0 : 1);
          const data = swapData(deployed, trader, { zeroForOne, amount: size(11n), limit: 0n });
          return { from: trader, to: router, data, gas: 1_000_000 };
        });
        const id = BigInt(1 + random.integer(RANGES.length));
        if (random.integer(5) === 0) sendings.push({ from: provider, to: positionManager, data: all(id) });
        if (random.integer(8) === 0) {
          const { liquidity } = await rangeOf(chain, uniswap, id);
          const data = DECREASE.encode([id, liquidity / 3n + 1n, 0n, 0n, FAR]);
          sendings.push({ from: provider, to: positionManager, data });
        }
        return sendings;
      };
      let compared = 0;
      let paying = 0;
      for (let turn = 0; turn < TURNS; turn += 1) {
        await chain.send(await happenings());
        await chain.mine();
        await following.catchUp();
        for (let id = 1n; id <= BigInt(RANGES.length); id += 1n) {
          const found = feesOwed(following.pool, positionManager, await rangeOf(chain, uniswap, id));
          const answer = await chain.node.call('eth_call', [
            { from: provider, to: positionManager, data: all(id) },
            'latest',
          ]);
          const [amount0, amount1] = COLLECT.decode(readHex(answer)).map(whole);
          expect({ turn, id, ...found }).toEqual({ turn, id, amount0, amount1 });
          compared += 1;
          if (found.amount0 > 0n || found.amount1 > 0n) paying += 1;
        }
      }
      process.stdout.write(
        `${compared} states of ranges equal to static collect, ${paying} of them owed something\n`,
      );
      expect(compared).toBeGreaterThanOrEqual(1_000);
      expect(paying).toBeGreaterThan(compared / 2);
    } finally {
      await chain.stop();
    }
  });
});
