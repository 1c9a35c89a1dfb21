import { readFileSync } from 'node:fs';
import { assert } from '@evenkeel/kernel';
import { abiFunction, encodeArguments } from '../abi';
import type { AbiValue } from '../abi';
import { ERC20 } from '../token';
import { FACTORY, POOL, ROUTER } from '../uniswap-calls';
import { readHex } from '../hex';
import type { LocalChain, Sending } from './local-chain';

const CORE = '@uniswap/v3-core/artifacts/contracts';
const PERIPHERY = '@uniswap/v3-periphery/artifacts/contracts';
const WETH = 'canonical-weth/build/contracts/WETH9.json';

/** Mints of the position manager; one place for the local chain, which alone opens positions for others. */
const MINT_RANGE = abiFunction(
  'mint((address,address,uint24,int24,int24,uint256,uint256,uint256,uint256,address,uint256))',
  'uint256,uint128,uint256,uint256',
);
const CREATE_POOL = abiFunction(
  'createAndInitializePoolIfNecessary(address,address,uint24,uint160)',
  'address',
);
const ENABLE_FEE = abiFunction('enableFeeAmount(uint24,int24)');
const DEPOSIT = abiFunction('deposit()');
const FAR = 1n << 40n;

/** The published contracts as they were compiled, on a chain of our own. */
export interface Uniswap {
  readonly weth: string;
  readonly factory: string;
  readonly router: string;
  readonly positionManager: string;
  readonly quoter: string;
  readonly tickLens: string;
  /** Who owns the factory. */
  readonly owner: string;
}

export interface DeployedPool {
  readonly address: string;
  readonly token0: string;
  readonly token1: string;
  readonly feePips: number;
  readonly tickSpacing: number;
}

interface Artifact {
  readonly bytecode: string;
  readonly linkReferences?: Readonly<Record<string, Readonly<Record<string, readonly Link[]>>>>;
}

interface Link {
  readonly start: number;
  readonly length: number;
}

/** Deploys Uniswap v3 whole: factory, router, quoter, positions with their descriptor, tick lens and WETH. */
export async function deployUniswap(chain: LocalChain, owner: string): Promise<Uniswap> {
  const coin = encodeArguments('bytes32', new Uint8Array(32).fill(0x20));
  const [weth, factory, library, quoterless] = await deployAll(chain, owner, [
    [WETH],
    [`${CORE}/UniswapV3Factory.sol/UniswapV3Factory.json`],
    [`${PERIPHERY}/libraries/NFTDescriptor.sol/NFTDescriptor.json`],
    [`${PERIPHERY}/lens/TickLens.sol/TickLens.json`],
  ]);
  assert(
    weth !== undefined && factory !== undefined && library !== undefined,
    'each contract has an address',
  );
  const descriptorCode = linked(
    artifactOf(`${PERIPHERY}/NonfungibleTokenPositionDescriptor.sol/NonfungibleTokenPositionDescriptor.json`),
    library,
  );
  const [descriptor = ''] = await chain.deploy(owner, [
    `${descriptorCode}${encodeArguments('address', weth).slice(2)}${coin.slice(2)}`,
  ]);
  const pair: readonly AbiValue[] = [factory, weth];
  const [router = '', quoter = '', positionManager = ''] = await deployAll(chain, owner, [
    [`${PERIPHERY}/SwapRouter.sol/SwapRouter.json`, 'address,address', pair],
    [`${PERIPHERY}/lens/QuoterV2.sol/QuoterV2.json`, 'address,address', pair],
    [
      `${PERIPHERY}/NonfungiblePositionManager.sol/NonfungiblePositionManager.json`,
      'address,address,address',
      [...pair, descriptor],
    ],
  ]);
  await call(chain, { from: owner, to: factory, data: ENABLE_FEE.encode(100n, 1n) });
  return { weth, factory, router, quoter, positionManager, tickLens: quoterless ?? '', owner };
}

/** Two tokens that anybody makes from coin (copies of WETH), the lower address first. */
export async function deployTokens(chain: LocalChain, owner: string): Promise<readonly [string, string]> {
  const made = await deployAll(chain, owner, [[WETH], [WETH]]);
  const [low, high] = [...made].sort();
  assert(low !== undefined && high !== undefined, 'two tokens were made');
  return [low, high];
}

/** Gives each account `amount` of each token, and lets the spenders take them. */
export async function fund(
  chain: LocalChain,
  accounts: readonly string[],
  tokens: readonly string[],
  spenders: readonly string[],
  amount: bigint,
): Promise<void> {
  const sendings = accounts.flatMap((from) =>
    tokens.flatMap((to): Sending[] => [
      { from, to, data: DEPOSIT.encode(), value: amount, gas: 100_000 },
      ...spenders.map((spender) => ({
        from,
        to,
        data: ERC20.approve.encode(spender, (1n << 256n) - 1n),
        gas: 100_000,
      })),
    ]),
  );
  const hashes = await chain.send(sendings);
  await chain.mine();
  await chain.requireSuccess(hashes);
}

/** A pool at this √price; its address is the one that the factory tells. */
export async function createPool(
  chain: LocalChain,
  uniswap: Uniswap,
  [token0, token1]: readonly [string, string],
  feePips: number,
  sqrtPrice: bigint,
): Promise<DeployedPool> {
  const data = CREATE_POOL.encode(token0, token1, BigInt(feePips), sqrtPrice);
  await call(chain, { from: uniswap.owner, to: uniswap.positionManager, data, gas: 6_000_000 });
  const [address] = await read(chain, uniswap.factory, FACTORY.getPool, token0, token1, BigInt(feePips));
  const pool = readHex(address, 20);
  const [tickSpacing] = await read(chain, pool, POOL.tickSpacing);
  return { address: pool, token0, token1, feePips, tickSpacing: Number(tickSpacing) };
}

/** Opens a range for `from` with at most these amounts of the tokens. */
export function mintRange(
  uniswap: Uniswap,
  pool: DeployedPool,
  from: string,
  [tickLower, tickUpper]: readonly [number, number],
  amounts: readonly [bigint, bigint],
): Sending {
  const { token0, token1, feePips } = pool;
  const ticks = [BigInt(tickLower), BigInt(tickUpper)];
  const data = MINT_RANGE.encode([token0, token1, BigInt(feePips), ...ticks, ...amounts, 0n, 0n, from, FAR]);
  return { from, to: uniswap.positionManager, data, gas: 800_000 };
}

export interface LocalSwap {
  readonly zeroForOne: boolean;
  /** Exact in when positive, exact out when negative. */
  readonly amount: bigint;
  /** 0n: none. */
  readonly limit: bigint;
}

/** Call data of a swap by the router, without a minimum. */
export function swapData(pool: DeployedPool, to: string, { zeroForOne, amount, limit }: LocalSwap): string {
  const [tokenIn, tokenOut] = zeroForOne ? [pool.token0, pool.token1] : [pool.token1, pool.token0];
  const common = [tokenIn, tokenOut, BigInt(pool.feePips), to, FAR];
  return amount > 0n
    ? ROUTER.exactInputSingle.encode([...common, amount, 0n, limit])
    : ROUTER.exactOutputSingle.encode([...common, -amount, 1n << 200n, limit]);
}

async function call(chain: LocalChain, sending: Sending): Promise<void> {
  const hashes = await chain.send([sending]);
  await chain.mine();
  await chain.requireSuccess(hashes);
}

export async function read(
  chain: LocalChain,
  to: string,
  fn: { encode(...values: readonly AbiValue[]): string; decode(data: string): readonly AbiValue[] },
  ...values: readonly AbiValue[]
): Promise<readonly AbiValue[]> {
  return fn.decode(
    readHex(await chain.node.call('eth_call', [{ to, data: fn.encode(...values) }, 'latest'])),
  );
}

function deployAll(
  chain: LocalChain,
  owner: string,
  wanted: readonly (readonly [path: string, types?: string, values?: readonly AbiValue[]])[],
): Promise<string[]> {
  const codes = wanted.map(([path, types = '', values = []]) => {
    return artifactOf(path).bytecode + encodeArguments(types, ...values).slice(2);
  });
  return chain.deploy(owner, codes);
}

function artifactOf(path: string): Artifact {
  return JSON.parse(readFileSync(require.resolve(path), 'utf8')) as Artifact; // compiled by others and locked by hash
}

/** The code with the library's address where it is called. */
function linked({ bytecode, linkReferences = {} }: Artifact, library: string): string {
  const links = Object.values(linkReferences).flatMap((file) => Object.values(file).flat());
  return links.reduce((code, { start, length }) => {
    const from = 2 + start * 2;
    return code.slice(0, from) + library.slice(2) + code.slice(from + length * 2);
  }, bytecode);
}
