import { EvenkeelError } from '@evenkeel/kernel';
import { Q128 } from './fixed-point';
import type { TokenAmounts } from './liquidity-amounts';
import { amountsOfLiquidity } from './liquidity-amounts';
import type { Observation, ObservationRing } from './observations';
import { RESERVED, nextObservation, observe } from './observations';
import type { LogPlace, OwnedRange, RangeTicks } from './pool-event';
import type { PoolPosition, PoolSnapshot, PoolTerms, Slot } from './pool-snapshot';
import { PoolPositions } from './pool-positions';
import type { Gathered, GrowthInside } from './pool-ticks';
import { PoolTicks, growthInside } from './pool-ticks';
import { Ladder } from './stretches';
import type { Stretch } from './stretches';
import { enter, inBetween, walk } from './swap-walk';
import type { Destination, Entry } from './swap-walk';
import { sqrtRatioAtTick, tickAtSqrtRatio } from './tick-math';
import { UndoLog, UndoableMap } from './undo-log';
import { uint128, uint256 } from './unsigned';

export interface SwapOrder {
  /** Token0 goes in: the price falls. */
  readonly zeroForOne: boolean;
  /** Exact in when positive, exact out when negative; not 0. */
  readonly amount: bigint;
  /** √price at which the swap stops. */
  readonly limit?: bigint;
}

export interface SwapQuote {
  /** In, with the fee. */
  readonly taken: bigint;
  readonly given: bigint;
  readonly sqrtPrice: bigint;
}

/** A swap worked out and not yet made. Amounts are paid to the pool, negative when it pays. */
export interface SwapPlan {
  readonly zeroForOne: boolean;
  readonly entry: Entry;
  readonly end: Destination;
  readonly amount0: bigint;
  readonly amount1: bigint;
  readonly sqrtPrice: bigint;
  readonly tick: number;
  readonly liquidity: bigint;
}

/** One pool of Uniswap v3 in the contract's integers. Every change is made at a place of the chain and can be undone by block. */
export class LivePool {
  readonly undo = new UndoLog();
  private held: Slot | undefined;
  private readonly ticks = new PoolTicks(this.undo);
  private readonly positions = new PoolPositions(this.undo);
  private readonly ring = new UndoableMap<number, Observation>(this.undo);
  private readonly roots = new Map<number, bigint>();
  private ladders: { down?: Ladder; up?: Ladder } = {};
  private entries: { slot?: Slot; down?: Entry; up?: Entry } = {};

  constructor(readonly terms: PoolTerms) {}

  /** Throws `POOL.NOT_INITIALIZED` before the pool has a price. */
  get slot(): Slot {
    if (this.held !== undefined) return this.held;
    throw new EvenkeelError({ code: 'POOL.NOT_INITIALIZED', message: 'the pool has no price yet' });
  }

  get initialized(): boolean {
    return this.held !== undefined;
  }

  initialize(place: LogPlace, sqrtPrice: bigint): void {
    const tick = tickAtSqrtRatio(sqrtPrice);
    const none = { liquidity: 0n, feeGrowth0: 0n, feeGrowth1: 0n, protocolFees0: 0n, protocolFees1: 0n };
    const open = {
      feeProtocol0: 0,
      feeProtocol1: 0,
      observationIndex: 0,
      cardinality: 1,
      cardinalityNext: 1,
    };
    this.ring.set(place.block, 0, {
      time: place.time,
      tickCumulative: 0,
      secondsPerLiquidity: 0n,
      initialized: true,
    });
    this.become(place, { sqrtPrice, tick, ...none, ...open });
  }

  /** Adds liquidity and says what it costs. */
  mint(place: LogPlace, range: OwnedRange, liquidity: bigint): TokenAmounts {
    return this.changeLiquidity(place, range, liquidity);
  }

  /** Takes liquidity; what it is worth is owed to the owner, with the fees. Of 0: fees only. */
  burn(place: LogPlace, range: OwnedRange, liquidity: bigint): TokenAmounts {
    const paid = this.changeLiquidity(place, range, -liquidity);
    this.positions.owe(place.block, range, paid.amount0, paid.amount1);
    return paid;
  }

  /** Pays out what is owed, at most these amounts. */
  collect(place: LogPlace, range: OwnedRange, amount0: bigint, amount1: bigint): TokenAmounts {
    const { tokensOwed0, tokensOwed1 } = this.position(range);
    const paid = { amount0: least(amount0, tokensOwed0), amount1: least(amount1, tokensOwed1) };
    this.positions.owe(place.block, range, -paid.amount0, -paid.amount1);
    return paid;
  }

  /** What a swap would take and give, both positive, and the √price after it; nothing changes. Exact to the unit. */
  quote(order: SwapOrder): SwapQuote {
    return walk(this.entry(order.zeroForOne), order.amount, order.limit);
  }

  planSwap({ zeroForOne, amount, limit }: SwapOrder): SwapPlan {
    const entry = this.entry(zeroForOne);
    const end = walk(entry, amount, limit);
    const { stretch, sqrtPrice } = end;
    const [amount0, amount1] = zeroForOne ? [end.taken, -end.given] : [-end.given, end.taken];
    const passed = sqrtPrice === stretch.to;
    const net = passed ? (this.ticks.get(stretch.tick)?.net ?? 0n) : 0n;
    const liquidity = stretch.liquidity + (zeroForOne ? -net : net);
    const tick = passed ? stretch.tick - (zeroForOne ? 1 : 0) : this.tickWithin(entry, end);
    return { zeroForOne, entry, end, amount0, amount1, sqrtPrice, tick, liquidity };
  }

  swap(place: LogPlace, order: SwapOrder): SwapPlan {
    const plan = this.planSwap(order);
    this.makeSwap(place, plan);
    return plan;
  }

  /** Makes a swap that was worked out at the present state. */
  makeSwap(place: LogPlace, { zeroForOne, entry, end, sqrtPrice, tick, liquidity }: SwapPlan): void {
    const { slot } = this;
    const share = BigInt(zeroForOne ? slot.feeProtocol0 : slot.feeProtocol1);
    let growth = zeroForOne ? slot.feeGrowth0 : slot.feeGrowth1;
    let protocol = 0n;
    const now = this.observedNow(place);
    for (let index = entry.index; index <= end.index; index += 1) {
      const last = index === end.index;
      const stretch = last ? end.stretch : index === entry.index ? entry.head : entry.ladder.at(index);
      if (stretch === undefined) throw new RangeError('the plan is not of this pool');
      const fee = last
        ? end.lastTaken - inBetween(stretch.from, sqrtPrice, stretch.liquidity, zeroForOne)
        : stretch.fee;
      const cut = share > 0n ? fee / share : 0n;
      protocol += cut;
      if (stretch.liquidity > 0n) growth = uint256(growth + ((fee - cut) * Q128) / stretch.liquidity);
      if (last && sqrtPrice !== stretch.to) continue;
      const [feeGrowth0, feeGrowth1] = zeroForOne ? [growth, slot.feeGrowth1] : [slot.feeGrowth0, growth];
      this.ticks.cross(place.block, stretch.tick, { ...now, feeGrowth0, feeGrowth1 });
    }
    const moved = tick === slot.tick ? {} : this.writeObservation(place);
    this.become(place, {
      ...slot,
      ...moved,
      sqrtPrice,
      tick,
      liquidity,
      ...(zeroForOne
        ? { feeGrowth0: growth, protocolFees0: uint128(slot.protocolFees0 + protocol) }
        : { feeGrowth1: growth, protocolFees1: uint128(slot.protocolFees1 + protocol) }),
    });
  }

  /** A flash loan was paid back with this much beyond what was lent. */
  flash(place: LogPlace, paid0: bigint, paid1: bigint): void {
    const { slot } = this;
    const cut = (paid: bigint, share: number): bigint => (share === 0 ? 0n : paid / BigInt(share));
    const [cut0, cut1] = [cut(paid0, slot.feeProtocol0), cut(paid1, slot.feeProtocol1)];
    this.become(place, {
      ...slot,
      protocolFees0: uint128(slot.protocolFees0 + cut0),
      protocolFees1: uint128(slot.protocolFees1 + cut1),
      feeGrowth0: uint256(slot.feeGrowth0 + ((paid0 - cut0) * Q128) / slot.liquidity),
      feeGrowth1: uint256(slot.feeGrowth1 + ((paid1 - cut1) * Q128) / slot.liquidity),
    });
  }

  setFeeProtocol(place: LogPlace, feeProtocol0: number, feeProtocol1: number): void {
    this.become(place, { ...this.slot, feeProtocol0, feeProtocol1 });
  }

  collectProtocol(place: LogPlace, amount0: bigint, amount1: bigint): void {
    const { slot } = this;
    this.become(place, {
      ...slot,
      protocolFees0: uint128(slot.protocolFees0 - amount0),
      protocolFees1: uint128(slot.protocolFees1 - amount1),
    });
  }

  growObservations(place: LogPlace, cardinalityNext: number): void {
    const { slot } = this;
    for (let index = slot.cardinalityNext; index < cardinalityNext; index += 1)
      this.ring.set(place.block, index, RESERVED);
    this.become(place, { ...slot, cardinalityNext: Math.max(cardinalityNext, slot.cardinalityNext) });
  }

  /** The stretches that a swap in this direction meets, from the present price to the last initialised tick. */
  *stretches(zeroForOne: boolean): Generator<Stretch> {
    const { ladder, index, head } = this.entry(zeroForOne);
    const ticks = this.ticks.sorted();
    const end = (zeroForOne ? ticks[0] : ticks.at(-1)) ?? this.slot.tick;
    let stretch: Stretch | undefined = head;
    for (let at = index + 1; stretch !== undefined; at += 1) {
      yield stretch;
      stretch = (zeroForOne ? stretch.tick > end : stretch.tick < end) ? ladder.at(at) : undefined;
    }
  }

  private entry(zeroForOne: boolean): Entry {
    const { slot } = this;
    if (this.entries.slot !== slot) this.entries = { slot };
    const way = zeroForOne ? 'down' : 'up';
    const known = this.entries[way];
    if (known !== undefined) return known;
    const ladder = (this.ladders[way] ??= new Ladder(this.table(), zeroForOne));
    const entry = enter(ladder, slot, this.terms.feePips);
    this.entries[way] = entry;
    return entry;
  }

  position(range: OwnedRange): PoolPosition {
    return this.positions.get(range);
  }

  growthInside(range: RangeTicks): GrowthInside {
    return growthInside(this.ticks, range, this.slot);
  }

  /** The cumulative tick and liquidity `secondsAgo` before `time`. Throws `POOL.OBSERVATION_TOO_OLD`. */
  observe(time: number, secondsAgo: number): Observation {
    return observe(this.observations(), { ...this.slot, time }, secondsAgo);
  }

  /** Ticks where a position begins or ends, increasing. */
  initializedTicks(): readonly number[] {
    return this.ticks.sorted();
  }

  /** What comes of changes that are all taken back afterwards. */
  tentatively<T>(play: () => T): T {
    const mark = this.undo.mark();
    try {
      return play();
    } finally {
      this.undo.rollback(mark);
    }
  }

  snapshot(): PoolSnapshot {
    const { slot } = this;
    return {
      ...this.terms,
      ...slot,
      ticks: this.ticks.sorted().flatMap((tick) => {
        const info = this.ticks.get(tick);
        return info === undefined ? [] : [{ tick, ...info }];
      }),
      observations: Array.from(
        { length: slot.cardinalityNext },
        (_, index) => this.ring.get(index) ?? RESERVED,
      ),
      positions: this.positions.snapshot(),
    };
  }

  private table() {
    const rootAt = (tick: number): bigint => {
      let root = this.roots.get(tick);
      if (root === undefined) this.roots.set(tick, (root = sqrtRatioAtTick(tick)));
      return root;
    };
    const netAt = (tick: number): bigint => this.ticks.get(tick)?.net ?? 0n;
    return { ...this.terms, ticks: this.ticks.sorted(), netAt, rootAt };
  }

  private tickWithin(entry: Entry, end: Destination): number {
    if (end.sqrtPrice !== end.stretch.from) return tickAtSqrtRatio(end.sqrtPrice);
    if (end.index === entry.index) return this.slot.tick;
    const { down } = entry.ladder;
    return (entry.ladder.at(end.index - 1)?.tick ?? this.slot.tick) - (down ? 1 : 0);
  }

  private changeLiquidity(place: LogPlace, range: OwnedRange, change: bigint): TokenAmounts {
    const { slot } = this;
    const { tickLower, tickUpper } = range;
    const grownBefore = this.growthInside(range);
    if (change !== 0n) {
      const now: Gathered = { ...slot, ...this.observedNow(place) };
      this.ticks.update(place.block, tickLower, change, false, slot.tick, now);
      this.ticks.update(place.block, tickUpper, change, true, slot.tick, now);
      this.tableChanged(place);
    }
    // A tick that begins sets aside what gathered; one that ends still counts.
    this.positions.accrue(place.block, range, change, change > 0n ? this.growthInside(range) : grownBefore);
    if (change === 0n) return { amount0: 0n, amount1: 0n };
    if (tickLower <= slot.tick && slot.tick < tickUpper)
      this.become(place, {
        ...slot,
        ...this.writeObservation(place),
        liquidity: slot.liquidity + change,
      });
    const [low, high] = [sqrtRatioAtTick(tickLower), sqrtRatioAtTick(tickUpper)];
    return amountsOfLiquidity(slot.sqrtPrice, low, high, change < 0n ? -change : change, change > 0n);
  }

  private observations(): ObservationRing {
    const { observationIndex, cardinality } = this.slot;
    return { at: (index) => this.ring.get(index), index: observationIndex, cardinality };
  }

  private observedNow({ time }: LogPlace): Observation {
    return observe(this.observations(), { ...this.slot, time }, 0);
  }

  /** Writes what held until now, once a block. */
  private writeObservation({ block, time }: LogPlace): Partial<Slot> {
    const written = nextObservation(this.observations(), this.slot.cardinalityNext, { ...this.slot, time });
    if (written === undefined) return {};
    this.ring.set(block, written.index, written.observation);
    return { observationIndex: written.index, cardinality: written.cardinality };
  }

  private tableChanged({ block }: LogPlace): void {
    this.ladders = {};
    this.entries = {};
    this.undo.record(block, () => {
      this.ladders = {};
      this.entries = {};
    });
  }

  private become({ block }: LogPlace, slot: Slot): void {
    const before = this.held;
    this.held = slot;
    this.undo.record(block, () => (this.held = before));
  }
}

const least = (a: bigint, b: bigint): bigint => (a < b ? a : b);
