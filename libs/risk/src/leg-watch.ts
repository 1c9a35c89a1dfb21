import type { UnpricedLeg } from '@evenkeel/facts';
import type { Instant } from '@evenkeel/kernel';
import { planOf } from './leg-plan';
import type { LegPlan } from './leg-plan';
import { markProblem, refusalCode, refusalMessage } from './leg-selection';
import { quotedSpotOf } from './market-view';
import type { MarketView, RuleLimits } from './market-view';
import type { OpenLeg } from './open-book';
import type { OptionQuotes } from './option-sheet';
import type { InstrumentMark } from './state';

/** What the options of a plan were quoted at, with the marks themselves. */
export interface MarkedQuotes extends OptionQuotes {
  readonly marks: readonly InstrumentMark[];
}

/** The legs of a group that can be valued at a moment, and why the others cannot. */
export interface LegChoice {
  readonly plan: LegPlan;
  /** Of each leg of the plan. */
  readonly marks: readonly InstrumentMark[];
  readonly quotes: MarkedQuotes;
  /** Of positions that are held. */
  readonly unpriced: readonly UnpricedLeg[];
}

interface MutableQuotes {
  readonly volatility: Float64Array;
  readonly forward: Float64Array;
  readonly spot: Float64Array;
  readonly marks: InstrumentMark[];
}

/**
 * A group of legs and the marks that they are valued on. Only what is marked anew is looked at again; what a snapshot was
 * given is never written to.
 */
export class LegWatch {
  readonly plan: LegPlan;
  private readonly marks: (InstrumentMark | undefined)[];
  private readonly isBad: Uint8Array;
  /** How many legs cannot be valued on their marks at any time. */
  private bad = 0;
  private quotes: MutableQuotes;
  private isTaken = false;
  /** Not after the oldest mark of an option and of anything else, milliseconds. */
  private oldestQuoteMs = Infinity;
  private oldestMarkMs = Infinity;
  /** Places of legs that are no options. */
  private readonly linear: readonly number[];
  private readonly nextExpiry: Instant | undefined;
  private readonly underlyings: readonly string[];
  /** The last choice that left legs out. */
  private partial: { readonly refused: string; readonly plan: LegPlan } | undefined;

  constructor(
    /** Positions, then options that are only watched. */
    legs: readonly OpenLeg[],
    private readonly held: number,
    private readonly limits: RuleLimits,
    markOf: (instrument: string) => InstrumentMark | undefined,
    before?: LegWatch,
  ) {
    this.plan = planOf(legs, before?.plan);
    const { options } = this.plan;
    this.linear = legs.flatMap(({ contract }, place) => (contract.kind === 'option' ? [] : [place]));
    this.marks = new Array<InstrumentMark | undefined>(legs.length).fill(undefined);
    this.isBad = new Uint8Array(legs.length).fill(1);
    this.bad = legs.length;
    this.underlyings = [...new Set(legs.map(({ contract }) => contract.underlying))];
    const { count } = options.terms;
    this.quotes = {
      volatility: new Float64Array(count),
      forward: new Float64Array(count),
      spot: new Float64Array(count),
      marks: [],
    };
    for (const { contract } of legs) {
      this.take(contract.id, markOf(contract.id));
      const { expiry } = contract;
      if (expiry !== undefined && (this.nextExpiry === undefined || expiry < this.nextExpiry))
        this.nextExpiry = expiry;
    }
    if (before?.plan.options === options && before.bad === 0 && this.bad === 0) this.adoptQuotes(before);
  }

  /** A leg's instrument is marked anew. */
  take(instrument: string, mark: InstrumentMark | undefined): void {
    const place = this.plan.placeOf.get(instrument);
    const leg = this.plan.legs[place ?? -1];
    if (place === undefined || leg === undefined || this.marks[place] === mark) return;
    this.marks[place] = mark;
    const isBad = markProblem(leg.contract, this.limits, mark) === '' ? 0 : 1;
    this.bad += isBad - (this.isBad[place] ?? 0);
    this.isBad[place] = isBad;
    if (isBad === 1 || mark === undefined) return;
    const row = this.plan.rowOf[place] ?? -1;
    if (row < 0) {
      this.oldestMarkMs = Math.min(this.oldestMarkMs, mark.timeMs);
      return;
    }
    this.oldestQuoteMs = Math.min(this.oldestQuoteMs, mark.timeMs);
    if (this.isTaken) this.quotes = copyOf(this.quotes);
    this.isTaken = false;
    writeQuote(this.quotes, row, mark, this.limits);
  }

  /** Sorts the legs into those that can be valued now and those that cannot, with the reason. */
  choose(market: MarketView): LegChoice {
    const codes = this.codes(market);
    if (codes === undefined) {
      this.isTaken = true;
      // Every leg has a mark, or it would be refused.
      return { plan: this.plan, marks: this.marks as InstrumentMark[], quotes: this.quotes, unpriced: [] };
    }
    return this.without(codes, this.unpriced(codes, market));
  }

  /** The choice without legs that the pricer refused, by place in its plan. */
  rid(choice: LegChoice, refused: ReadonlySet<number>): LegChoice {
    const kept = choice.plan.legs.flatMap((_, place) => (refused.has(place) ? [] : [place]));
    const plan = planOf(kept.flatMap((place) => choice.plan.legs[place] ?? []));
    return partOf(plan, kept, choice.marks, this.limits, choice.unpriced);
  }

  /** Why positions cannot be valued, as `<instrument> <code>`. */
  problems(market: MarketView): readonly string[] {
    const codes = this.codes(market) ?? [];
    return codes.slice(0, this.held).flatMap((code, place) => {
      const leg = this.plan.legs[place];
      return code === '' || leg === undefined ? [] : [leg.contract.id, code];
    });
  }

  /** Why each leg cannot be valued, empty where it can; undefined where all can. */
  private codes(market: MarketView): readonly string[] | undefined {
    if (this.areAllFine(market)) return undefined;
    const { legs, rowOf } = this.plan;
    let fine = true;
    this.oldestQuoteMs = Infinity;
    this.oldestMarkMs = Infinity;
    const codes = legs.map(({ contract }, place) => {
      const mark = this.marks[place];
      const timeMs = mark?.timeMs ?? Infinity;
      if ((rowOf[place] ?? -1) < 0) this.oldestMarkMs = Math.min(this.oldestMarkMs, timeMs);
      else this.oldestQuoteMs = Math.min(this.oldestQuoteMs, timeMs);
      const code = refusalCode(contract, market, market.spot(contract.underlying), mark);
      if (code !== '') fine = false;
      return code;
    });
    return fine ? undefined : codes;
  }

  /** Without looking at any leg: a book of ten thousand asks this at every instant. */
  private areAllFine(market: MarketView): boolean {
    const { nowMs } = market;
    const { maxVolatilityAgeMs, maxPriceAgeMs } = this.limits;
    if (this.bad > 0 || (this.nextExpiry !== undefined && market.now >= this.nextExpiry)) return false;
    if (nowMs - this.oldestQuoteMs > maxVolatilityAgeMs) return false;
    if (nowMs - this.oldestMarkMs > maxPriceAgeMs && nowMs - this.oldestLinearMark() > maxPriceAgeMs)
      return false;
    return this.underlyings.every((underlying) => {
      const spot = market.spot(underlying);
      return spot !== undefined && !market.isStale(spot);
    });
  }

  /** Everything but options is marked again and again, and there is little of it: looked at before all legs are. */
  private oldestLinearMark(): number {
    this.oldestMarkMs = Infinity;
    for (const place of this.linear)
      this.oldestMarkMs = Math.min(this.oldestMarkMs, this.marks[place]?.timeMs ?? -Infinity);
    return this.oldestMarkMs;
  }

  private unpriced(codes: readonly string[], market: MarketView): UnpricedLeg[] {
    return this.plan.legs.slice(0, this.held).flatMap(({ contract, position }, place) => {
      const code = codes[place] ?? '';
      if (code === '') return [];
      const message = refusalMessage(code, contract, market);
      return [{ instrument: contract.id, quantity: position.quantity, code, message }];
    });
  }

  private without(codes: readonly string[], unpriced: readonly UnpricedLeg[]): LegChoice {
    const kept = codes.flatMap((code, place) => (code === '' ? [place] : []));
    const refused = codes.map((code) => (code === '' ? '1' : '0')).join('');
    if (this.partial?.refused !== refused)
      this.partial = { refused, plan: planOf(kept.flatMap((place) => this.plan.legs[place] ?? [])) };
    return partOf(this.partial.plan, kept, this.marks, this.limits, unpriced);
  }

  /** Options that are quoted as they were keep their columns, and with them what is written of them. */
  private adoptQuotes(before: LegWatch): void {
    if (!this.quotes.marks.every((mark, row) => mark === before.quotes.marks[row])) return;
    this.quotes = before.quotes;
    this.isTaken = before.isTaken;
  }
}

function writeQuote(quotes: MutableQuotes, row: number, mark: InstrumentMark, limits: RuleLimits): void {
  quotes.marks[row] = mark;
  quotes.volatility[row] = mark.mark.volatility ?? 0;
  quotes.forward[row] = mark.forward;
  quotes.spot[row] = quotedSpotOf(limits, mark);
}

function copyOf({ volatility, forward, spot, marks }: MutableQuotes): MutableQuotes {
  return {
    volatility: volatility.slice(),
    forward: forward.slice(),
    spot: spot.slice(),
    marks: marks.slice(),
  };
}

/** A choice of some legs of a group, by their places in it. */
function partOf(
  plan: LegPlan,
  kept: readonly number[],
  all: readonly (InstrumentMark | undefined)[],
  limits: RuleLimits,
  unpriced: readonly UnpricedLeg[],
): LegChoice {
  const { count } = plan.options.terms;
  const quotes: MutableQuotes = {
    volatility: new Float64Array(count),
    forward: new Float64Array(count),
    spot: new Float64Array(count),
    marks: [],
  };
  // What can be valued has a mark.
  const marks = kept.flatMap((place) => all[place] ?? []);
  marks.forEach((mark, place) => {
    const row = plan.rowOf[place] ?? -1;
    if (row >= 0) writeQuote(quotes, row, mark, limits);
  });
  return { plan, marks, quotes, unpriced };
}
