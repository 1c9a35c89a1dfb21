import { EvenkeelError } from '@evenkeel/kernel';
import { LivePool } from './live-pool';
import type { SwapPlan } from './live-pool';
import type { TokenAmounts } from './liquidity-amounts';
import type { LiquidityChanged, LogPlace, PoolEvent, PoolSwapped } from './pool-event';
import type { PoolTerms } from './pool-snapshot';

/**
 * A pool kept from its logs alone, from `Initialize` on. Every log is replayed in the contract's integers and held against what it
 * says; a log that does not follow throws and leaves the pool as it was.
 */
export class PoolFollower {
  readonly pool: LivePool;
  private places: LogPlace[] = [];

  constructor(terms: PoolTerms) {
    this.pool = new LivePool(terms);
  }

  /** Where the last log stood that was applied and not undone. */
  get last(): LogPlace | undefined {
    return this.places.at(-1);
  }

  /** Throws `POOL.LOG_ORDER` for a log that does not come after the last one, `POOL.LOG_MISMATCH` for one that says otherwise than the replay. */
  apply(event: PoolEvent): void {
    const { last } = this;
    if (last !== undefined && !follows(event, last))
      throw new EvenkeelError({
        code: 'POOL.LOG_ORDER',
        message: `log ${event.logIndex} of block ${event.block} does not come after log ${last.logIndex} of block ${last.block}`,
      });
    const mark = this.pool.undo.mark();
    try {
      replay(this.pool, event);
    } catch (error) {
      this.pool.undo.rollback(mark);
      throw error;
    }
    this.places.push({ block: event.block, time: event.time, logIndex: event.logIndex });
  }

  /** Undoes every log of a later block than this. Throws `POOL.UNDO_DEPTH` where that reaches into what is final. */
  undoAbove(block: number): void {
    this.pool.undo.undoAbove(block);
    this.places = this.places.filter((place) => place.block <= block);
  }

  /** The block and all before it can no longer be undone; what was kept for that is let go. */
  finalize(block: number): void {
    this.pool.undo.forgetUpTo(block);
    const { last } = this;
    this.places = this.places.filter((place) => place.block > block || place === last);
  }
}

function follows(next: LogPlace, last: LogPlace): boolean {
  if (next.block !== last.block) return next.block > last.block && next.time >= last.time;
  return next.time === last.time && next.logIndex > last.logIndex;
}

function replay(pool: LivePool, event: PoolEvent): void {
  switch (event.kind) {
    case 'initialize':
      if (pool.initialized) throw mismatch(event, 'the pool has a price already');
      pool.initialize(event, event.sqrtPrice);
      return same(event, { tick: pool.slot.tick }, { tick: event.tick });
    case 'mint':
      return sameAmounts(event, pool.mint(event, event, event.liquidity));
    case 'burn':
      return sameAmounts(event, pool.burn(event, event, event.liquidity));
    case 'collect': {
      const { amount0, amount1 } = pool.collect(event, event, event.amount0, event.amount1);
      return same(event, { amount0, amount1 }, { amount0: event.amount0, amount1: event.amount1 });
    }
    case 'swap':
      return pool.makeSwap(event, planOf(pool, event));
    case 'flash':
      return pool.flash(event, event.paid0, event.paid1);
    case 'setFeeProtocol':
      return pool.setFeeProtocol(event, event.feeProtocol0, event.feeProtocol1);
    case 'collectProtocol':
      return pool.collectProtocol(event, event.amount0, event.amount1);
    case 'increaseObservationCardinality':
      return pool.growObservations(event, event.cardinalityNext);
  }
}

const UNBOUNDED = (1n << 255n) - 1n;

/**
 * The swap that a log tells of. It does not say which amount was the exact one, and amounts, fees and price differ by units: it is
 * tried as exact in, then as exact out, then as one that its limit stopped.
 */
function planOf(pool: LivePool, event: PoolSwapped & LogPlace): SwapPlan {
  const moved = event.sqrtPrice < pool.slot.sqrtPrice;
  const zeroForOne = event.amount0 > 0n || (event.amount1 <= 0n && moved);
  const [paid, got] = zeroForOne ? [event.amount0, event.amount1] : [event.amount1, event.amount0];
  const tries = [{ amount: paid }, { amount: got }, { amount: UNBOUNDED, limit: event.sqrtPrice }] as const;
  for (const attempt of tries) {
    const { amount } = attempt;
    if (amount === 0n || ('limit' in attempt && event.sqrtPrice === pool.slot.sqrtPrice)) continue;
    const plan = pool.planSwap({ zeroForOne, ...attempt });
    if (agrees(plan, event)) return plan;
  }
  throw mismatch(event, 'no swap at this state has these amounts, price, liquidity and tick');
}

function agrees(plan: SwapPlan, event: PoolSwapped): boolean {
  return (
    plan.amount0 === event.amount0 &&
    plan.amount1 === event.amount1 &&
    plan.sqrtPrice === event.sqrtPrice &&
    plan.liquidity === event.liquidity &&
    plan.tick === event.tick
  );
}

function sameAmounts(event: LiquidityChanged & LogPlace, { amount0, amount1 }: TokenAmounts): void {
  same(event, { amount0, amount1 }, { amount0: event.amount0, amount1: event.amount1 });
}

function same(
  event: PoolEvent,
  found: Readonly<Record<string, bigint | number>>,
  told: Readonly<Record<string, bigint | number>>,
): void {
  for (const [name, value] of Object.entries(told))
    if (found[name] !== value) throw mismatch(event, `${name} should be ${found[name]}, not ${value}`);
}

function mismatch(event: PoolEvent, what: string): EvenkeelError {
  return new EvenkeelError({
    code: 'POOL.LOG_MISMATCH',
    message: `the ${event.kind} of block ${event.block}, log ${event.logIndex}, does not follow: ${what}`,
  });
}
