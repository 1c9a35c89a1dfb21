import { keccak_256 } from '@noble/hashes/sha3';
import type { PoolSnapshot } from '@evenkeel/pools';
import { required } from '@evenkeel/kernel';
import type { AbiFunction, AbiValue } from '../src/abi';
import { bytesOf, quantity, readHex } from '../src/hex';
import type { Call } from '../src/json-rpc';
import type { LocalChain } from '../src/local-chain/local-chain';
import { POOL } from '../src/uniswap-calls';

type Wanted = readonly [name: string, fn: AbiFunction, args: readonly AbiValue[], expected: unknown[]];

/** What differs between a pool as it was followed and the contract at that block; nothing where they are equal. */
export async function differences(
  chain: LocalChain,
  address: string,
  block: number,
  state: PoolSnapshot,
  whole: boolean,
): Promise<string[]> {
  const wanted: Wanted[] = [...slotOf(state), ...(whole ? everythingOf(state) : [])];
  const calls = wanted.map(([, fn, args]): Call => {
    return ['eth_call', [{ to: address, data: fn.encode(...args) }, quantity(block)]];
  });
  const answers = await chain.node.batch(calls);
  return wanted.flatMap(([name, fn, , expected], index) => {
    const found = fn.decode(readHex(answers[index]));
    const same = expected.every((value, at) => value === undefined || String(found[at]) === String(value));
    return same ? [] : [`${name}: ${expected.join(',')} is ${found.join(',')} on the chain`];
  });
}

function slotOf(state: PoolSnapshot): Wanted[] {
  const { sqrtPrice, tick, observationIndex, cardinality, cardinalityNext } = state;
  const shares = state.feeProtocol0 + (state.feeProtocol1 << 4);
  return [
    ['slot0', POOL.slot0, [], [sqrtPrice, tick, observationIndex, cardinality, cardinalityNext, shares]],
    ['liquidity', POOL.liquidity, [], [state.liquidity]],
    ['feeGrowth0', POOL.feeGrowthGlobal0X128, [], [state.feeGrowth0]],
    ['feeGrowth1', POOL.feeGrowthGlobal1X128, [], [state.feeGrowth1]],
    ['protocolFees', POOL.protocolFees, [], [state.protocolFees0, state.protocolFees1]],
  ];
}

function everythingOf(state: PoolSnapshot): Wanted[] {
  const ticks = state.ticks.map(({ tick, gross, net, ...outside }): Wanted => {
    const {
      feeGrowthOutside0,
      feeGrowthOutside1,
      tickCumulativeOutside,
      secondsPerLiquidityOutside,
      secondsOutside,
    } = outside;
    const growth = [feeGrowthOutside0, feeGrowthOutside1];
    const seconds = [tickCumulativeOutside, secondsPerLiquidityOutside, secondsOutside];
    return [`tick ${tick}`, POOL.ticks, [BigInt(tick)], [gross, net, ...growth, ...seconds, true]];
  });
  const positions = Object.entries(state.positions).map(([key, held]): Wanted => {
    const { liquidity, feeGrowthInside0, feeGrowthInside1, tokensOwed0, tokensOwed1 } = held;
    const expected = [liquidity, feeGrowthInside0, feeGrowthInside1, tokensOwed0, tokensOwed1];
    return [`position ${key}`, POOL.positions, [positionKey(key)], expected];
  });
  const observations = state.observations.map(
    ({ time, tickCumulative, secondsPerLiquidity, initialized }, at): Wanted => {
      const expected = [time, tickCumulative, secondsPerLiquidity, initialized];
      return [`observation ${at}`, POOL.observations, [BigInt(at)], expected];
    },
  );
  return [...ticks, ...positions, ...observations];
}

/** Keccak-256 of owner and ticks, packed. */
function positionKey(text: string): Uint8Array {
  const [owner, ...ticks] = text.split(':');
  const packed = ticks.map((tick) => BigInt.asUintN(24, BigInt(tick)).toString(16).padStart(6, '0'));
  return keccak_256(bytesOf(`0x${required(owner, 'an owner').slice(2)}${packed.join('')}`));
}
