import { EvenkeelError } from '@evenkeel/kernel';
import { POOL_MODELS } from './pool-cases';
import { sqrtRatioAtTick } from './tick-math';

const run = (model: string, inputs: Record<string, unknown>): Readonly<Record<string, unknown>> => {
  const found = POOL_MODELS[model];
  if (found === undefined) throw new Error(`there is no model ${model}`);
  return found(inputs);
};

describe('pool cases', () => {
  const pool = {
    feePips: 500,
    tickSpacing: 10,
    sqrtPriceX96: String(sqrtRatioAtTick(0)),
    positions: [{ tickLower: -100, tickUpper: 100, liquidity: '1000000000000' }],
  };

  it('swap, and say what is left where liquidity ends', () => {
    const small = run('pool-swap', { ...pool, zeroForOne: true, amount: '1000000' });
    expect(small).toMatchObject({ amount0: '1000000', unfilled: '0' });
    expect(Number(small['value'])).toBeLessThan(999_500);
    expect(Number(small['value'])).toBeGreaterThan(999_490);
    const large = run('pool-swap', {
      ...pool,
      zeroForOne: true,
      amount: '1000000000000',
      priceLimitX96: String(sqrtRatioAtTick(-200)),
    });
    expect(large['liquidity']).toBe('0');
    expect(BigInt(String(large['unfilled'])) + BigInt(String(large['amount0']))).toBe(1_000_000_000_000n);
    expect(BigInt(String(large['unfilled']))).toBeGreaterThan(0n);
    const exactOut = run('pool-swap', { ...pool, zeroForOne: false, amount: '-1000000' });
    expect(exactOut).toMatchObject({ amount0: '-1000000', unfilled: '0' });
  });

  it('mint at usable ticks', () => {
    const minted = run('pool-mint', {
      reserve1: '7',
      reserve0: '7',
      tickLower: -103,
      tickUpper: 97,
      tickSpacing: 10,
      amount0: '5000000',
      amount1: '5000000',
    });
    expect(minted).toMatchObject({ tickLower: -100, tickUpper: 100, price: 1 });
    expect(Number(minted['amount0'])).toBeLessThanOrEqual(5_000_000);
    expect(Number(minted['amount1'])).toBeGreaterThan(4_990_000);
  });

  it('value a range whichever way its size is given', () => {
    const bounds = { price: 1850, priceLower: 1700, priceUpper: 2000 };
    const byWorth = run('pool-range', { ...bounds, worth: 100_000, volatility: 0.6, entryPrice: 1800 });
    expect(byWorth['value']).toBeCloseTo(100_000, 6);
    expect(byWorth['lossVersusRebalancing']).toBeGreaterThan(0);
    expect(byWorth['divergenceLoss']).toBeLessThan(0);
    for (const size of ['liquidity', 'amount0', 'amount1'])
      expect(run('pool-range', { ...bounds, [size]: byWorth[size] })['value']).toBeCloseTo(100_000, 6);
    expect(() => run('pool-range', { ...bounds, worth: 1, liquidity: 1 })).toThrow(/exactly one/);
  });

  it('ask a constant product and a vault', () => {
    expect(
      run('constant-product-swap', { amountIn: '1000', reserveIn: '1000000', reserveOut: '1000000' }),
    ).toEqual({ value: '996' });
    const vault = { assets: '1000', supply: '1000', amount: '100' };
    expect(run('vault-shares', { ...vault, question: 'deposit' })).toEqual({ value: '100' });
    expect(run('vault-shares', { question: 'feeOnTop', amount: '1001', basisPoints: '10' })).toEqual({
      value: '2',
    });
    expect(run('vault-shares', { question: 'feeWithin', amount: '1001', basisPoints: '10' })).toEqual({
      value: '1',
    });
  });

  it.each([
    ['pool-swap', { ...pool, zeroForOne: 'yes', amount: '1' }, 'zeroForOne'],
    ['pool-swap', { ...pool, zeroForOne: true, amount: 1.5 }, 'amount'],
    [
      'pool-swap',
      { ...pool, zeroForOne: true, amount: '1', positions: [{ tickLower: 0.5 }] },
      'positions[0].tickLower',
    ],
    ['pool-range', { price: -1, liquidity: 1 }, 'price'],
    ['vault-shares', { question: 'steal', amount: '1' }, 'question'],
  ])('%s names the input it cannot use', (model, inputs, path) => {
    try {
      run(model, inputs);
      throw new Error('was accepted');
    } catch (error) {
      expect(error).toBeInstanceOf(EvenkeelError);
      expect(error).toMatchObject({ code: 'POOL.INVALID_INPUT', path });
    }
  });
});
