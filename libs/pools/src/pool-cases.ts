import { EvenkeelError } from '@evenkeel/kernel';
import { constantProductOut } from './constant-product';
import { liquidityForAmounts, mintAmounts } from './liquidity-amounts';
import type { RangeLiquidity } from './liquidity-amounts';
import { LivePool } from './live-pool';
import {
  divergenceLoss,
  liquidityOfAmount0,
  liquidityOfAmount1,
  liquidityOfValue,
  lossVersusRebalancing,
  rangeGreeks,
} from './range-position';
import {
  feeOnTop,
  feeWithin,
  previewDeposit,
  previewMint,
  previewRedeem,
  previewWithdraw,
} from './share-accounting';
import type { VaultShares } from './share-accounting';
import { encodeSqrtRatio, nearestUsableTick, priceOfSqrtRatio, sqrtRatioAtTick } from './tick-math';

type Inputs = Readonly<Record<string, unknown>>;

/** What one case of a file gives: numbers, or integers of the smallest units as decimal text. */
export type PoolQuantities = Readonly<Record<string, string | number | boolean>>;

/** The pool models of a file of cases (`keel price`), by name. Each throws `POOL.INVALID_INPUT` naming the input in `path`. */
export const POOL_MODELS: Readonly<Record<string, (inputs: Inputs) => PoolQuantities>> = {
  'pool-swap': poolSwap,
  'pool-mint': poolMint,
  'pool-range': poolRange,
  'constant-product-swap': constantProductSwap,
  'vault-shares': vaultShares,
};

/**
 * A swap through a concentrated-liquidity pool. `amount` is exact in when positive, exact out when negative; `unfilled` is
 * what is left of it where liquidity or the limit ends. `amount0` and `amount1` are paid to the pool, negative when it pays.
 */
function poolSwap(inputs: Inputs): PoolQuantities {
  const positions = listInput(inputs, 'positions').map((position, index): RangeLiquidity => ({
    tickLower: tickInput(position, 'tickLower', `positions[${index}].`),
    tickUpper: tickInput(position, 'tickUpper', `positions[${index}].`),
    liquidity: integerInput(position, 'liquidity', `positions[${index}].`),
  }));
  const pool = new LivePool({
    feePips: numberInput(inputs, 'feePips'),
    tickSpacing: numberInput(inputs, 'tickSpacing'),
  });
  const place = { block: 0, time: 0, logIndex: 0 };
  pool.initialize(place, sqrtPriceInput(inputs));
  for (const range of positions) pool.mint(place, { owner: '', ...range }, range.liquidity);
  const { zeroForOne } = inputs;
  if (typeof zeroForOne !== 'boolean') throw invalid('zeroForOne', 'must be true or false');
  const amount = integerInput(inputs, 'amount');
  const limit = inputs['priceLimitX96'] === undefined ? undefined : integerInput(inputs, 'priceLimitX96');
  const after = pool.planSwap({ zeroForOne, amount, ...(limit === undefined ? {} : { limit }) });
  const { amount0, amount1 } = after;
  const done = zeroForOne === amount > 0n ? amount0 : amount1;
  return {
    value: String(amount > 0n ? -(zeroForOne ? amount1 : amount0) : zeroForOne ? amount0 : amount1),
    amount0: String(amount0),
    amount1: String(amount1),
    unfilled: String(amount - done),
    sqrtPriceX96: String(after.sqrtPrice),
    tick: after.tick,
    liquidity: String(after.liquidity),
  };
}

/** What a range costs at a √price, and how much liquidity two amounts buy; rounded as the contract rounds. */
function poolMint(inputs: Inputs): PoolQuantities {
  const spacing = inputs['tickSpacing'] === undefined ? 1 : numberInput(inputs, 'tickSpacing');
  const [tickLower, tickUpper] = (['tickLower', 'tickUpper'] as const).map((name) =>
    nearestUsableTick(tickInput(inputs, name), spacing),
  ) as [number, number]; // two names
  if (tickLower >= tickUpper) throw invalid('tickUpper', 'must lie above tickLower');
  const sqrtPrice = sqrtPriceInput(inputs);
  const liquidity = liquidityForAmounts(
    sqrtPrice,
    sqrtRatioAtTick(tickLower),
    sqrtRatioAtTick(tickUpper),
    integerInput(inputs, 'amount0'),
    integerInput(inputs, 'amount1'),
  );
  const { amount0, amount1 } = mintAmounts(sqrtPrice, { tickLower, tickUpper, liquidity });
  return {
    value: String(liquidity),
    tickLower,
    tickUpper,
    amount0: String(amount0),
    amount1: String(amount1),
    price: priceOfSqrtRatio(sqrtPrice),
  };
}

/**
 * A range at a continuous price, token1 per token0: amounts, value and Greeks in token1. Its size is `liquidity`, `worth`
 * (in token1), `amount0` or `amount1`. With a `volatility` also what arbitrageurs take a year; with `entryPrice` also the
 * divergence loss of the full range.
 */
function poolRange(inputs: Inputs): PoolQuantities {
  const price = positive(inputs, 'price');
  const priceLower = inputs['priceLower'] === undefined ? 0 : numberInput(inputs, 'priceLower');
  const priceUpper = inputs['priceUpper'] === undefined ? Infinity : numberInput(inputs, 'priceUpper');
  if (!(priceLower >= 0 && priceLower < priceUpper)) throw invalid('priceUpper', 'must lie above priceLower');
  const bounds = { priceLower, priceUpper };
  const position = { ...bounds, liquidity: sizeOf(inputs, price, bounds) };
  const greeks = rangeGreeks(position, price);
  return {
    ...greeks,
    liquidity: position.liquidity,
    ...(inputs['volatility'] === undefined
      ? {}
      : { lossVersusRebalancing: lossVersusRebalancing(position, price, positive(inputs, 'volatility')) }),
    ...(inputs['entryPrice'] === undefined
      ? {}
      : { divergenceLoss: divergenceLoss(price / positive(inputs, 'entryPrice')) }),
  };
}

function sizeOf(inputs: Inputs, price: number, bounds: { priceLower: number; priceUpper: number }): number {
  const sizes = ['liquidity', 'worth', 'amount0', 'amount1'].filter((name) => inputs[name] !== undefined);
  const [by, ...more] = sizes;
  if (by === undefined || more.length > 0)
    throw invalid('liquidity', 'is the size, or worth, amount0 or amount1: exactly one of them');
  const size = positive(inputs, by);
  if (by === 'worth') return liquidityOfValue(size, price, bounds);
  if (by === 'amount0') return liquidityOfAmount0(size, price, bounds);
  return by === 'amount1' ? liquidityOfAmount1(size, price, bounds) : size;
}

/** What a constant-product pool pays for an exact amount in, after its fee (3 thousandths unless told). */
function constantProductSwap(inputs: Inputs): PoolQuantities {
  const fee = inputs['feeThousandths'] === undefined ? undefined : integerInput(inputs, 'feeThousandths');
  const [amountIn, reserveIn, reserveOut] = (['amountIn', 'reserveIn', 'reserveOut'] as const).map((name) =>
    integerInput(inputs, name),
  ) as [bigint, bigint, bigint]; // three names
  return { value: String(constantProductOut(amountIn, reserveIn, reserveOut, fee)) };
}

const VAULT_QUESTIONS = {
  deposit: previewDeposit,
  mint: previewMint,
  withdraw: previewWithdraw,
  redeem: previewRedeem,
  feeWithin: (_: VaultShares, basisPoints: bigint, amount: bigint) => feeWithin(amount, basisPoints),
  feeOnTop: (_: VaultShares, basisPoints: bigint, amount: bigint) => feeOnTop(amount, basisPoints),
} as const;

/** ERC-4626 shares: `question` is deposit, mint, withdraw or redeem of `amount`; or a fee of `basisPoints`, feeWithin or feeOnTop. */
function vaultShares(inputs: Inputs): PoolQuantities {
  const question = inputs['question'];
  if (typeof question !== 'string' || !Object.hasOwn(VAULT_QUESTIONS, question))
    throw invalid('question', `is one of ${Object.keys(VAULT_QUESTIONS).join(', ')}`);
  const amount = integerInput(inputs, 'amount');
  const ask = VAULT_QUESTIONS[question as keyof typeof VAULT_QUESTIONS]; // its own key, checked above
  if (question.startsWith('fee'))
    return {
      value: String(
        ask({ assets: 0n, supply: 0n, decimalsOffset: 0 }, integerInput(inputs, 'basisPoints'), amount),
      ),
    };
  const vault = {
    assets: integerInput(inputs, 'assets'),
    supply: integerInput(inputs, 'supply'),
    decimalsOffset: inputs['decimalsOffset'] === undefined ? 0 : numberInput(inputs, 'decimalsOffset'),
  };
  return { value: String(ask(vault, amount, amount)) };
}

function invalid(path: string, message: string): EvenkeelError {
  return new EvenkeelError({ code: 'POOL.INVALID_INPUT', message: `${path} ${message}`, path });
}

function numberInput(inputs: Inputs, name: string, prefix = ''): number {
  const value = inputs[name];
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw invalid(`${prefix}${name}`, `must be a finite number, not ${JSON.stringify(value)}`);
  return value;
}

function positive(inputs: Inputs, name: string): number {
  const value = numberInput(inputs, name);
  if (!(value > 0)) throw invalid(name, `must be positive, not ${value}`);
  return value;
}

function tickInput(inputs: Inputs, name: string, prefix = ''): number {
  const value = numberInput(inputs, name, prefix);
  if (!Number.isInteger(value)) throw invalid(`${prefix}${name}`, `must be a whole number, not ${value}`);
  return value;
}

/** `sqrtPriceX96`, or the price as `reserve1` over `reserve0` in smallest units. */
function sqrtPriceInput(inputs: Inputs): bigint {
  if (inputs['sqrtPriceX96'] !== undefined) return integerInput(inputs, 'sqrtPriceX96');
  const [reserve1, reserve0] = [integerInput(inputs, 'reserve1'), integerInput(inputs, 'reserve0')];
  if (reserve0 <= 0n || reserve1 <= 0n) throw invalid('reserve0', 'and reserve1 must be positive');
  return encodeSqrtRatio(reserve1, reserve0);
}

/** Smallest units as decimal text, since doubles do not hold them. */
function integerInput(inputs: Inputs, name: string, prefix = ''): bigint {
  const value = inputs[name];
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value);
  if (typeof value !== 'string' || !/^-?\d{1,80}$/.test(value))
    throw invalid(`${prefix}${name}`, `must be a whole number as text, not ${JSON.stringify(value)}`);
  return BigInt(value);
}

function listInput(inputs: Inputs, name: string): readonly Inputs[] {
  const value = inputs[name];
  if (!Array.isArray(value) || !value.every((entry) => typeof entry === 'object' && entry !== null))
    throw invalid(name, 'must be a list of objects');
  return value as readonly Inputs[]; // objects, checked above; their fields are read one by one
}
