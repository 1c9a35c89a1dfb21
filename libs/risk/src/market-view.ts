import type { EvaluationRules, Mark, MarkStatus, MarkUsed } from '@evenkeel/facts';
import { isDollar, roundToTick } from '@evenkeel/instruments';
import type { Contract } from '@evenkeel/instruments';
import { Decimal, memoised, parseDuration, parseInstant } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import type { BookState, InstrumentMark, RiskState, SpotMark } from './state';

const SPOT_SUFFIX = '@composite';

/** The id of an underlying's composite mark: `BTC@composite`. */
export function compositeOf(underlying: string): string {
  return `${underlying}${SPOT_SUFFIX}`;
}

export function millisecondsOf(text: string): number {
  return Number(parseInstant(text)) / 1e6;
}

/** Whether a mark is the composite of an underlying. */
export function isComposite({ kind, instrument }: Mark): boolean {
  return kind === 'composite' && instrument.endsWith(SPOT_SUFFIX);
}

/** Folds an underlying's composite. False when the mark is not one. */
export function foldComposite(state: RiskState, mark: Mark): boolean {
  if (!isComposite(mark)) return false;
  const underlying = mark.instrument.slice(0, -SPOT_SUFFIX.length);
  state.spots[underlying] = { mark, price: Number(mark.price), timeMs: millisecondsOf(mark.eventTime) };
  return true;
}

/** Observed bases that a mark remembers. */
const BASES_MAX = 5;

/**
 * Folds the mark of an instrument; the instant's composites are folded before. A mark remembers the spot it was quoted
 * against; the same quote published again with another status keeps the spot of its first coming.
 */
export function foldMark(state: RiskState, mark: Mark, underlying: string): void {
  const known = state.marks[mark.instrument];
  const same =
    known !== undefined &&
    known.mark.eventTime === mark.eventTime &&
    known.mark.volatility === mark.volatility;
  const spotThen =
    same && known.spotThen > 0
      ? known.spotThen
      : (state.spots[underlying]?.price ?? Number(mark.index ?? '0'));
  const forward = Number(mark.forward ?? '0');
  const isNew = !same || known.spotThen <= 0;
  const bases = known?.bases ?? [];
  state.marks[mark.instrument] = {
    mark,
    price: Number(mark.price),
    believed: mark.status === 'HALTED' ? (known?.believed ?? '') : mark.price,
    timeMs: same ? known.timeMs : millisecondsOf(mark.eventTime),
    forward,
    spotThen,
    bases: isNew && forward > 0 && spotThen > 0 ? [...bases, forward / spotThen].slice(-BASES_MAX) : bases,
  };
}

/** Durations of the evaluation rules in milliseconds, and the material move as a fraction. */
export interface RuleLimits {
  readonly priceMove: number;
  readonly maxIntervalMs: number;
  readonly maxPriceAgeMs: number;
  readonly maxVolatilityAgeMs: number;
  readonly basisQuotes: number;
}

const DURATIONS_MAX = 1000;
const millisecondsIn = memoised(DURATIONS_MAX, (text) => Number(parseDuration(text)) / 1e6);

const limitsRead = new WeakMap<EvaluationRules, RuleLimits>();

/** Read once: rules are never written to. */
export function limitsOf(rules: EvaluationRules): RuleLimits {
  const known = limitsRead.get(rules);
  if (known !== undefined) return known;
  const limits = {
    priceMove: Number(rules.priceMoveBps) / 10_000,
    maxIntervalMs: millisecondsIn(rules.maxInterval),
    maxPriceAgeMs: millisecondsIn(rules.maxPriceAge),
    maxVolatilityAgeMs: millisecondsIn(rules.maxVolatilityAge),
    basisQuotes: rules.basisQuotes ?? 1,
  };
  limitsRead.set(rules, limits);
  return limits;
}

/** The market as one book may use it at one moment. */
export interface MarketView {
  readonly now: Instant;
  readonly nowMs: number;
  readonly limits: RuleLimits;
  spot(underlying: string): SpotMark | undefined;
  mark(instrument: string): InstrumentMark | undefined;
  /** True when the price was known too long ago to value on. */
  isStale(mark: { readonly timeMs: number }): boolean;
  /** USD per unit of a currency: 1 for dollars, the composite for coins; undefined when there is none. */
  dollarsPer(currency: string): number | undefined;
}

export function marketViewOf(state: RiskState, book: BookState, now: Instant): MarketView {
  return new KnownMarket(state, now, limitsOf(book.rules));
}

/** Every instant looks at the market twice; as an object of functions a view took four times the memory. */
class KnownMarket implements MarketView {
  readonly nowMs: number;

  constructor(
    private readonly state: RiskState,
    readonly now: Instant,
    readonly limits: RuleLimits,
  ) {
    this.nowMs = Number(now) / 1e6;
  }

  spot(underlying: string): SpotMark | undefined {
    return this.state.spots[underlying];
  }

  mark(instrument: string): InstrumentMark | undefined {
    return this.state.marks[instrument];
  }

  isStale({ timeMs }: { readonly timeMs: number }): boolean {
    return this.nowMs - timeMs > this.limits.maxPriceAgeMs;
  }

  dollarsPer(currency: string): number | undefined {
    return isDollar(currency) ? 1 : this.state.spots[currency]?.price;
  }
}

/**
 * The spot (USD) that an option's quoted forward belongs to, so that forward over it is the basis; 0 where it is not known. The
 * composite that a quote is met with lags it by up to a bar, and a basis hardly moves between quotes: its median over the latest ones
 * is nearer to it than the newest.
 */
export function quotedSpotOf(
  { basisQuotes }: Pick<RuleLimits, 'basisQuotes'>,
  { forward, spotThen, bases }: Pick<InstrumentMark, 'forward' | 'spotThen' | 'bases'>,
): number {
  const count = Math.min(basisQuotes, bases.length);
  return count > 1 ? forward / medianOfLatest(bases, count) : spotThen;
}

/** Room for the bases in order, used again: they are few, and a sort of a copy took four times as long. */
const ordered = new Float64Array(BASES_MAX);

function medianOfLatest(bases: readonly number[], count: number): number {
  const from = bases.length - count;
  for (let taken = 0; taken < count; taken += 1) {
    const basis = bases[from + taken] ?? 0;
    let place = taken;
    for (; place > 0 && (ordered[place - 1] ?? 0) > basis; place -= 1)
      ordered[place] = ordered[place - 1] ?? 0;
    ordered[place] = basis;
  }
  const upper = ordered[count >> 1] ?? 0;
  return count % 2 === 1 ? upper : ((ordered[(count >> 1) - 1] ?? upper) + upper) / 2;
}

export interface SpotCondition {
  readonly status: MarkStatus;
  readonly reasons: readonly string[];
}

/** What may be done on an underlying's spot: its own status, HALTED as well when it is missing or too old. */
export function spotCondition(market: MarketView, underlying: string): SpotCondition {
  const spot = market.spot(underlying);
  if (spot === undefined) return { status: 'HALTED', reasons: ['RISK.NO_SPOT'] };
  if (market.isStale(spot)) return { status: 'HALTED', reasons: [...spot.mark.reasons, 'RISK.STALE_SPOT'] };
  return { status: spot.mark.status, reasons: spot.mark.reasons };
}

const WORSE: Readonly<Record<MarkStatus, number>> = { OK: 0, DEGRADED: 1, HALTED: 2 };

export function worseOf(a: MarkStatus, b: MarkStatus): MarkStatus {
  return WORSE[a] >= WORSE[b] ? a : b;
}

export function ageSecondsOf(market: Pick<MarketView, 'nowMs'>, timeMs: number): number {
  return Math.max(0, Math.round(market.nowMs - timeMs) / 1000);
}

/** A mark as the record shows it. Bid and ask come from the contract's half spread, to the tick, where the source has none. */
export function markUsed(
  market: Pick<MarketView, 'nowMs'>,
  known: { readonly mark: Mark; readonly timeMs: number },
  contract?: Contract,
): MarkUsed {
  const { mark, timeMs } = known;
  const used: MutableMark = {
    instrument: mark.instrument,
    price: mark.price,
    status: mark.status,
    reasons: mark.reasons,
    source: mark.source,
    eventTime: mark.eventTime,
    ageSeconds: ageSecondsOf(market, timeMs),
  };
  const { bid, ask } = mark.kind === 'price' && contract !== undefined ? quotesOf(mark, contract) : mark;
  if (bid !== undefined) used.bid = bid;
  if (ask !== undefined) used.ask = ask;
  return used;
}

type MutableMark = { -readonly [Key in keyof MarkUsed]: MarkUsed[Key] };
type Quotes = { readonly bid?: string; readonly ask?: string };

function quotesOf(mark: Mark, contract: Contract): Quotes {
  if (mark.bid !== undefined && mark.ask !== undefined) return { bid: mark.bid, ask: mark.ask };
  const price = Decimal.parse(mark.price);
  const half = price.times(contract.halfSpread);
  return {
    bid: mark.bid ?? roundToTick(contract, price.minus(half), 'floor').toString(),
    ask: mark.ask ?? roundToTick(contract, price.plus(half), 'ceil').toString(),
  };
}
