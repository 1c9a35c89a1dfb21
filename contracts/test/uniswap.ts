import { required } from '@evenkeel/kernel';
import { Artifact } from './artifact';
import type { Deployed, TestChain } from './test-chain';

const CORE = '@uniswap/v3-core/artifacts/contracts';
const PERIPHERY = '@uniswap/v3-periphery/artifacts/contracts';
export const FEE = 500n;
export const FAR = 1n << 40n;
const NOBODY = `0x${'0'.repeat(40)}`;
const WIDEST = 887_270n;

export interface Market {
  readonly router: Deployed;
  readonly weth: Deployed;
  readonly usdc: Deployed;
}

/** Uniswap v3 as published, with one pool of two tokens of ours at `usd` a WETH, `depth` WETH deep over the whole range. */
export async function deployMarket(
  chain: TestChain,
  lp: string,
  usd: bigint,
  depth: bigint,
): Promise<Market> {
  const weth9 = await chain.deploy(Artifact.published('canonical-weth/build/contracts/WETH9.json'));
  const factory = await chain.deploy(
    Artifact.published(`${CORE}/UniswapV3Factory.sol/UniswapV3Factory.json`),
  );
  const [router, manager] = await Promise.all([
    chain.deploy(
      Artifact.published(`${PERIPHERY}/SwapRouter.sol/SwapRouter.json`),
      factory.address,
      weth9.address,
    ),
    chain.deploy(
      Artifact.published(`${PERIPHERY}/NonfungiblePositionManager.sol/NonfungiblePositionManager.json`),
      factory.address,
      weth9.address,
      NOBODY,
    ),
  ]);
  const weth = await chain.deploy(Artifact.ours('OddToken'), 'WETH', 18n);
  const usdc = await chain.deploy(Artifact.ours('OddToken'), 'USDC', 6n);
  const [low, high] = BigInt(weth.address) < BigInt(usdc.address) ? [weth, usdc] : [usdc, weth];
  const amounts = new Map([
    [weth, depth * 10n ** 18n],
    [usdc, depth * usd * 10n ** 6n],
  ]);
  const [amount0, amount1] = [low, high].map((token) => required(amounts.get(token), 'its amount'));
  for (const [token, amount] of amounts) {
    await token.send(lp, 'mint', lp, amount);
    await token.send(lp, 'approve', manager.address, amount);
  }
  const sqrtPrice = squareRoot((required(amount1, 'amount 1') << 192n) / required(amount0, 'amount 0'));
  await manager.send(lp, 'createAndInitializePoolIfNecessary', low.address, high.address, FEE, sqrtPrice);
  await manager.send(lp, 'mint', {
    token0: low.address,
    token1: high.address,
    fee: FEE,
    tickLower: -WIDEST,
    tickUpper: WIDEST,
    amount0Desired: required(amount0, 'amount 0'),
    amount1Desired: required(amount1, 'amount 1'),
    amount0Min: 0n,
    amount1Min: 0n,
    recipient: lp,
    deadline: FAR,
  });
  return { router, weth, usdc };
}

/** A swap without a minimum, by anybody. */
export function swap(market: Market, from: string, tokenIn: Deployed, amountIn: bigint): Promise<bigint> {
  const tokenOut = tokenIn === market.weth ? market.usdc : market.weth;
  return market.router.send(from, 'exactInputSingle', {
    tokenIn: tokenIn.address,
    tokenOut: tokenOut.address,
    fee: FEE,
    recipient: from,
    deadline: FAR,
    amountIn,
    amountOutMinimum: 0n,
    sqrtPriceLimitX96: 0n,
  });
}

function squareRoot(value: bigint): bigint {
  let root = 1n << BigInt(Math.ceil(value.toString(2).length / 2));
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
