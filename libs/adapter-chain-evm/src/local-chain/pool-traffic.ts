import { sqrtRatioAtTick } from '@evenkeel/pools';
import type { Random } from '@evenkeel/kernel';
import { abiFunction } from '../abi';
import { POOL } from '../uniswap-calls';
import type { LocalChain, Sending } from './local-chain';
import { mintRange, read, swapData } from './uniswap';
import type { DeployedPool, LocalSwap, Uniswap } from './uniswap';

const DECREASE = abiFunction(
  'decreaseLiquidity((uint256,uint128,uint256,uint256,uint256))',
  'uint256,uint256',
);
const COLLECT = abiFunction('collect((uint256,address,uint128,uint128))', 'uint256,uint256');
const POSITIONS = abiFunction(
  'positions(uint256)',
  'uint96,address,address,address,uint24,int24,int24,uint128,uint256,uint256,uint128,uint128',
);
const SUPPLY = abiFunction('totalSupply()', 'uint256');
const SET_PROTOCOL = abiFunction('setFeeProtocol(uint8,uint8)');
const COLLECT_PROTOCOL = abiFunction('collectProtocol(address,uint128,uint128)', 'uint128,uint128');
const GROW = abiFunction('increaseObservationCardinalityNext(uint16)');
const FLASH = abiFunction('borrow(address,uint256,uint256,uint256)');

const ALL = (1n << 128n) - 1n;
const FAR = 1n << 40n;
const WHOLE = 10n ** 18n;
const PROTOCOL_SHARES = [0n, 4n, 6n, 10n] as const;

export interface Traders {
  /** Swaps. */
  readonly trader: string;
  /** Owns every range. */
  readonly provider: string;
  /** A contract that borrows and pays back. */
  readonly borrower: string;
}

/** Seeded users of one pool: swaps of every kind, ranges opened and closed, fees collected, flash loans, the protocol's fee. */
export class PoolTraffic {
  /** About as much of either token: one of each where the pool is at home at price 1. */
  private readonly units: readonly [bigint, bigint];

  constructor(
    private readonly chain: LocalChain,
    private readonly uniswap: Uniswap,
    private readonly pool: DeployedPool,
    private readonly who: Traders,
    private readonly random: Random,
    /** Where the users think that the price belongs. */
    private readonly home = 0,
  ) {
    const root = sqrtRatioAtTick(home);
    this.units = [(WHOLE << 96n) / root, (WHOLE * root) >> 96n];
  }

  /** Ranges around the present price, one of them over all prices, for a pool that has none. */
  opening(count: number): Sending[] {
    const { tickSpacing } = this.pool;
    const edge = Math.floor(887_272 / tickSpacing) * tickSpacing;
    const full = mintRange(this.uniswap, this.pool, this.who.provider, [-edge, edge], this.amounts(200n));
    return [full, ...Array.from({ length: count }, () => this.mint(this.home))];
  }

  /** What the users want at this tick: `swaps` swaps and, now and then, something else. */
  async next(tick: number, swaps: number): Promise<Sending[]> {
    const wanted = Array.from({ length: swaps }, () => this.swap(tick));
    const other = await this.something(tick);
    wanted.splice(this.random.integer(wanted.length + 1), 0, ...other);
    return wanted;
  }

  swap(tick: number): Sending {
    const data = swapData(this.pool, this.who.trader, this.order(tick));
    return { from: this.who.trader, to: this.uniswap.router, data, gas: 1_500_000 };
  }

  /** In or out, from a few units to most of the pool, every fourth with a price limit; more often towards home. */
  order(tick: number): LocalSwap {
    const { random } = this;
    const away = tick - this.home;
    const back = random.next() < Math.min(0.9, Math.abs(away) / 20_000 + 0.5);
    const zeroForOne = back ? away > 0 : away <= 0;
    const exactOut = random.integer(3) === 0;
    const size = this.size(this.units[zeroForOne === exactOut ? 1 : 0]);
    const reach = 1 + random.integer(this.pool.tickSpacing * 30);
    const limited = random.integer(4) === 0;
    const limit = limited ? sqrtRatioAtTick(tick + (zeroForOne ? -reach : reach)) : 0n;
    return { zeroForOne, amount: exactOut ? -size : size, limit };
  }

  private size(unit: bigint): bigint {
    const { random } = this;
    const kind = random.integer(10);
    if (kind === 0) return BigInt(1 + random.integer(1_000));
    const largest = kind === 1 ? 400_000 : 4_000;
    return (BigInt(1 + random.integer(largest)) * unit) / 1_000n + BigInt(random.integer(1_000_000));
  }

  private amounts(count: bigint): readonly [bigint, bigint] {
    return [this.units[0] * count, this.units[1] * count];
  }

  private mint(tick: number): Sending {
    const { random } = this;
    const { tickSpacing } = this.pool;
    const around = Math.round(tick / tickSpacing) + random.integer(121) - 60;
    const width = 1 + random.integer(60);
    const ticks = [(around - width) * tickSpacing, (around + width) * tickSpacing] as const;
    return mintRange(
      this.uniswap,
      this.pool,
      this.who.provider,
      ticks,
      this.amounts(BigInt(1 + random.integer(300))),
    );
  }

  private async something(tick: number): Promise<Sending[]> {
    const { random, pool } = this;
    switch (random.integer(9)) {
      case 0:
      case 1:
        return [this.mint(tick)];
      case 2:
      case 3:
        return this.close();
      case 4:
        return [this.flash()];
      case 5: {
        const share = PROTOCOL_SHARES[random.integer(PROTOCOL_SHARES.length)] ?? 0n;
        const other = PROTOCOL_SHARES[random.integer(PROTOCOL_SHARES.length)] ?? 0n;
        return [this.byOwner(SET_PROTOCOL.encode(share, other))];
      }
      case 6:
        return [this.byOwner(COLLECT_PROTOCOL.encode(this.uniswap.owner, ALL, ALL))];
      case 7: {
        const size = BigInt(2 + random.integer(40));
        return [{ from: this.who.trader, to: pool.address, data: GROW.encode(size) }];
      }
      default:
        return [];
    }
  }

  /** Takes a part or all out of one range and collects it. */
  private async close(): Promise<Sending[]> {
    const { random, chain, who } = this;
    const { positionManager: to } = this.uniswap;
    const [supply = 0n] = await read(chain, to, SUPPLY);
    if (supply === 0n) return [];
    const id = BigInt(1 + random.integer(Number(supply)));
    const liquidity = BigInt(String((await read(chain, to, POSITIONS, id))[7]));
    const taken = random.integer(2) === 0 ? liquidity : liquidity / 3n;
    const collect = {
      from: who.provider,
      to,
      data: COLLECT.encode([id, who.provider, ALL, ALL]),
      gas: 600_000,
    };
    if (taken === 0n) return [collect];
    const decrease = DECREASE.encode([id, taken, 0n, 0n, FAR]);
    return [{ from: who.provider, to, data: decrease, gas: 600_000 }, collect];
  }

  private flash(): Sending {
    const { random, pool, who } = this;
    const [part0, part1] = this.units.map((unit) => (BigInt(random.integer(5_000)) * unit) / 1_000n);
    const more = BigInt(random.integer(1_000_000));
    const data = FLASH.encode(pool.address, part0 ?? 0n, part1 ?? 0n, more);
    return { from: who.trader, to: who.borrower, data };
  }

  private byOwner(data: string): Sending {
    return { from: this.uniswap.owner, to: this.pool.address, data };
  }
}

/** The tick where a pool stands. */
export async function tickOf(chain: LocalChain, pool: DeployedPool): Promise<number> {
  return Number((await read(chain, pool.address, POOL.slot0))[1]);
}
