import type { Mark, Side } from '@evenkeel/facts';
import { roundToTick, tickAt } from '@evenkeel/instruments';
import type { Contract } from '@evenkeel/instruments';
import { Decimal, parseDuration, parseInstant } from '@evenkeel/kernel';
import type { Instant, Nanoseconds } from '@evenkeel/kernel';
import { math } from '@evenkeel/pricing';
import { crosses, touch } from '@evenkeel/venues';

/** A generated book behind the touch: `first` contracts at the touch, each level `growth` × `first` more, `stepTicks` apart. */
export interface DepthShape {
  readonly first: string;
  readonly growth: number;
  readonly levels: number;
  readonly stepTicks: number;
}

export interface BookLevel {
  readonly price: Decimal;
  readonly contracts: Decimal;
}

/** A time in which the exchange is not there. `rejects`: says so. `silence`: says nothing, and what is sent is lost. */
export interface Outage {
  /** The venue that is gone; all of them when absent. */
  readonly venue?: string;
  readonly from: string;
  readonly to: string;
  readonly kind: 'rejects' | 'silence';
}

/** How the market behaves beyond its marks; plain data, so that lab and services share it. */
export interface MarketModel {
  /** By instrument, `*` for the rest; without one the touch holds any size. */
  readonly depth?: Readonly<Record<string, DepthShape>>;
  /** How long what we took is missing from the book, coming back evenly; default `PT1M`. */
  readonly recovery?: string;
  /** Log-normal time to the answer instead of a fixed one. */
  readonly latency?: { readonly median: string; readonly p99: string };
  /** Part of the volume a mark reports that trades at our price, 0 to 1; resting orders wait their turn. Default ½. */
  readonly queueShare?: number;
  /** An order that would trade with an own resting one of its book is turned away. Default true. */
  readonly selfTradePrevention?: boolean;
  readonly outages?: readonly Outage[];
}

const DEFAULT_RECOVERY = 'PT1M';
const DEFAULT_QUEUE_SHARE = 0.5;
/** 99 % point of the standard normal. */
const Z99 = 2.3263478740408408;

/** The model with its texts read once. */
export interface MarketRules {
  readonly shapeOf: (instrument: string) => DepthShape | undefined;
  readonly recovery: Nanoseconds;
  readonly latency: { readonly median: number; readonly sigma: number } | undefined;
  readonly queueShare: number;
  readonly selfTradePrevention: boolean;
  readonly outageAt: (now: Instant, venue: string) => Outage['kind'] | undefined;
}

export function readMarketModel(model: MarketModel): MarketRules {
  const outages = (model.outages ?? []).map((outage) => ({
    ...outage,
    from: parseInstant(outage.from),
    to: parseInstant(outage.to),
  }));
  const { depth, latency } = model;
  const median = latency === undefined ? 0 : Number(parseDuration(latency.median));
  return {
    shapeOf: (instrument) => depth?.[instrument] ?? depth?.['*'],
    recovery: parseDuration(model.recovery ?? DEFAULT_RECOVERY),
    latency:
      latency === undefined
        ? undefined
        : { median, sigma: math.log(Number(parseDuration(latency.p99)) / median) / Z99 },
    queueShare: model.queueShare ?? DEFAULT_QUEUE_SHARE,
    selfTradePrevention: model.selfTradePrevention ?? true,
    outageAt: (now, name) =>
      outages.find(({ venue = name, from, to }) => venue === name && now >= from && now < to)?.kind,
  };
}

/** The answer's delay for a uniform draw in [0, 1): median × e^(σz). */
export function drawnLatency(
  { median, sigma }: { readonly median: number; readonly sigma: number },
  draw: number,
): Nanoseconds {
  const z = math.normInv(Math.min(1 - 1e-9, Math.max(1e-9, draw)));
  return BigInt(Math.round(median * math.exp(sigma * z)));
}

/** The side that a taker meets, best first, without what we took lately (`missing` contracts, from the best on). */
export function levelsFor(
  shape: DepthShape,
  mark: Mark,
  contract: Contract,
  side: Side,
  missing: Decimal,
): BookLevel[] {
  const best = touch(mark, contract, side);
  const step = tickAt(contract, best).times(Decimal.ofInteger(shape.stepTicks));
  const { lot } = contract;
  let gone = missing;
  const levels: BookLevel[] = [];
  for (let level = 0; level < shape.levels; level += 1) {
    const away = step.times(Decimal.ofInteger(level));
    const price =
      side === 'buy'
        ? roundToTick(contract, best.plus(away), 'ceil')
        : roundToTick(contract, best.minus(away), 'floor');
    const full = Decimal.parse(shape.first)
      .times(Decimal.ofNumber(1 + shape.growth * level, 6))
      .roundToStep(lot, 'floor');
    const contracts = full.minus(gone).max(Decimal.ZERO).roundToStep(lot, 'floor');
    gone = gone.minus(full).max(Decimal.ZERO);
    if (contracts.isPositive() && price.isPositive()) levels.push({ price, contracts });
  }
  return levels;
}

/** What a taker gets within its limit, best price first; whole lots. */
export function takeLevels(
  levels: readonly BookLevel[],
  side: Side,
  limit: Decimal,
  quantity: Decimal,
): BookLevel[] {
  const taken: BookLevel[] = [];
  let left = quantity;
  for (const { price, contracts } of levels) {
    if (!left.isPositive() || !crosses(side, limit, price)) break;
    const part = left.min(contracts);
    taken.push({ price, contracts: part });
    left = left.minus(part);
  }
  return taken;
}

/** Own takings of one side of one book. */
export interface Taking {
  readonly at: Instant;
  readonly contracts: Decimal;
}

/** What is still missing of what we took; comes back evenly over the recovery. */
export function missingNow(takings: readonly Taking[], now: Instant, recovery: Nanoseconds): Decimal {
  let missing = 0;
  for (const { at, contracts } of takings) {
    const left = 1 - Number(now - at) / Number(recovery);
    if (left > 0) missing += contracts.toNumber() * Math.min(1, left);
  }
  return Decimal.ofNumber(missing, 9);
}
