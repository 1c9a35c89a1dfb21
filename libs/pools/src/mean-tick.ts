import type { LivePool } from './live-pool';
import { uint160 } from './unsigned';

/** Time-weighted over the seconds before a moment. */
export interface PoolMean {
  /** Rounded down, as the oracle library of the periphery rounds it. */
  readonly tick: number;
  /** Harmonic mean of the liquidity in range. */
  readonly liquidity: bigint;
}

const MAX_UINT160 = (1n << 160n) - 1n;

/** Mean tick and liquidity over the last `seconds` (at least 1) before `time`. Throws `POOL.OBSERVATION_TOO_OLD`. */
export function poolMean(pool: LivePool, time: number, seconds: number): PoolMean {
  const now = pool.observe(time, 0);
  const then = pool.observe(time, seconds);
  const perLiquidity = uint160(now.secondsPerLiquidity - then.secondsPerLiquidity);
  return {
    tick: Math.floor((now.tickCumulative - then.tickCumulative) / seconds),
    liquidity: (BigInt(seconds) * MAX_UINT160) / (perLiquidity << 32n),
  };
}
