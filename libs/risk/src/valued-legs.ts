import { yearsBetween } from '@evenkeel/kernel';
import type { LegPlan } from './leg-plan';
import type { LegChoice, LegWatch, MarkedQuotes } from './leg-watch';
import type { MarketView } from './market-view';
import type { OpenLeg } from './open-book';
import { ROW_NUMBERS } from './option-sheet';
import type { OptionSheet, OptionValuer } from './option-sheet';
import { HELD_NUMBERS, valueLinear } from './valuation';
import type { LinearLeg } from './valuation';

/** Legs with what they are worth at one moment. */
export interface ValuedLegs {
  readonly plan: LegPlan;
  readonly sheet: OptionSheet;
  readonly quotes: MarkedQuotes;
  /** `HELD_NUMBERS` of each option; of the valuer, so valid until it values again. */
  readonly held: Float64Array;
  /** Everything but options, in the order of the plan. */
  readonly linear: readonly LinearLeg[];
  /** Of each of them value and delta, USD, and value per contract: what loops over all legs read, without a box for each number. */
  readonly linearNumbers: Float64Array;
  /** Legs that the pricer has no value for; not in the plan. */
  readonly refused: readonly OpenLeg[];
}

export interface ValuationTerms {
  readonly numeraire: string;
  readonly numeraireUsd: number;
  readonly rate: number;
}

/** Values the legs of a choice: options in one batch, everything else one by one. */
export function valueLegs(
  watch: LegWatch,
  choice: LegChoice,
  market: MarketView,
  terms: ValuationTerms,
  valuer: OptionValuer,
): ValuedLegs {
  const valued = valueAll(choice, market, terms, valuer);
  const refused = refusedIn(valued, valuer.numbers);
  if (refused === undefined) return valued;
  const legs = choice.plan.legs.filter((_, place) => refused.has(place));
  return { ...valueAll(watch.rid(choice, refused), market, terms, valuer), refused: legs };
}

function valueAll(
  { plan, marks, quotes }: LegChoice,
  market: MarketView,
  terms: ValuationTerms,
  valuer: OptionValuer,
): ValuedLegs {
  const { options } = plan;
  const spotOf = (underlying: string): number => market.spot(underlying)?.price ?? Number.NaN;
  const sheet = {
    terms: options.terms,
    quotes,
    years: columnOf(options.expiries, (expiry) => yearsBetween(market.now, expiry)),
    spots: columnOf(options.terms.underlyings, spotOf),
    numeraire: terms.numeraire,
    numeraireUsd: terms.numeraireUsd,
    rate: terms.rate,
  };
  valuer.value(sheet);
  const linear: LinearLeg[] = [];
  if (options.terms.count < plan.legs.length)
    plan.legs.forEach((leg, place) => {
      if ((plan.rowOf[place] ?? -1) >= 0) return;
      linear.push(valueLinear(leg, marks[place]?.price ?? Number.NaN, spotOf(leg.contract.underlying)));
    });
  const linearNumbers = new Float64Array(linear.length * LINEAR_NUMBERS);
  linear.forEach(({ value, delta, unitValue }, place) => {
    linearNumbers.set([value, delta, unitValue], place * LINEAR_NUMBERS);
  });
  return { plan, sheet, quotes, held: valuer.held, linear, linearNumbers, refused: [] };
}

const LINEAR_NUMBERS = 3;

function columnOf<Item>(items: readonly Item[], of: (item: Item) => number): Float64Array {
  const column = new Float64Array(items.length);
  for (let place = 0; place < items.length; place += 1) {
    const item = items[place];
    column[place] = item === undefined ? Number.NaN : of(item);
  }
  return column;
}

/** Places of what came out without a value; undefined where everything has one. */
function refusedIn(valued: ValuedLegs, numbers: Float64Array): Set<number> | undefined {
  const { plan, linearNumbers } = valued;
  let refused: Set<number> | undefined;
  for (let place = 0; place < plan.legs.length; place += 1) {
    const row = plan.rowOf[place] ?? 0;
    const unitValue =
      row < 0 ? (linearNumbers[(-1 - row) * LINEAR_NUMBERS + 2] ?? 0) : (numbers[row * ROW_NUMBERS + 1] ?? 0);
    if (Number.isFinite(valueAt(valued, place)) && Number.isFinite(unitValue)) continue;
    refused = (refused ?? new Set()).add(place);
  }
  return refused;
}

/** The value of a leg, USD. */
export function valueAt({ plan, held, linearNumbers }: ValuedLegs, place: number): number {
  const row = plan.rowOf[place] ?? 0;
  return row < 0 ? (linearNumbers[(-1 - row) * LINEAR_NUMBERS] ?? 0) : (held[row * HELD_NUMBERS] ?? 0);
}

/** The delta of a leg, USD per USD of its underlying. */
export function deltaAt({ plan, held, linearNumbers }: ValuedLegs, place: number): number {
  const row = plan.rowOf[place] ?? 0;
  return row < 0
    ? (linearNumbers[(-1 - row) * LINEAR_NUMBERS + 1] ?? 0)
    : (held[row * HELD_NUMBERS + 1] ?? 0);
}
