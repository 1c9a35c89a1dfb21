import type { Instant } from '@evenkeel/kernel';
import { required } from '@evenkeel/kernel';
import type { OpenLeg } from './open-book';
import type { OptionTerms } from './option-sheet';

/** Legs that are valued together: options as columns, everything else one by one. */
export interface LegPlan {
  readonly legs: readonly OpenLeg[];
  /** Places of the legs by their instruments. */
  readonly placeOf: ReadonlyMap<string, number>;
  /** Of each leg: its row among the options; of any other one −1 less its place among the others. */
  readonly rowOf: Int32Array;
  readonly options: OptionPlan;
}

/** The options of a plan. */
export interface OptionPlan {
  readonly legs: readonly OpenLeg[];
  readonly terms: OptionTerms;
  /** By the places that the terms name. */
  readonly expiries: readonly Instant[];
}

/** Reads legs into columns. Options that are the same as before keep theirs: a hedge that trades changes no option. */
export function planOf(legs: readonly OpenLeg[], before?: LegPlan): LegPlan {
  const rowOf = new Int32Array(legs.length);
  const options: OpenLeg[] = [];
  legs.forEach((leg, place) => {
    rowOf[place] = leg.contract.kind === 'option' ? options.push(leg) - 1 : options.length - place - 1;
  });
  const known = before?.options;
  const same =
    known?.legs.length === options.length &&
    options.every(({ contract, position }, row) => {
      const leg = known.legs[row];
      return leg?.contract === contract && leg.position === position;
    });
  const placeOf = new Map(legs.map(({ contract }, place) => [contract.id, place]));
  return { legs, placeOf, rowOf, options: same && known !== undefined ? known : optionPlanOf(options) };
}

function optionPlanOf(legs: readonly OpenLeg[]): OptionPlan {
  const count = legs.length;
  const underlyings = new Places<string>();
  const expiries = new Places<Instant>();
  const terms = {
    count,
    instruments: legs.map(({ contract }) => contract.id),
    quantities: legs.map(({ position }) => position.quantity),
    side: new Float64Array(count),
    strike: new Float64Array(count),
    size: new Float64Array(count),
    contracts: new Float64Array(count),
    coinSettled: new Uint8Array(count),
    underlyings: underlyings.list,
    underlying: new Int32Array(count),
    expiry: new Int32Array(count),
  };
  legs.forEach(({ contract, position }, row) => {
    terms.side[row] = contract.optionType === 'call' ? 1 : -1;
    terms.strike[row] = contract.strikeNumber;
    terms.size[row] = contract.sizeNumber;
    terms.contracts[row] = position.contracts;
    terms.coinSettled[row] = contract.coinSettled ? 1 : 0;
    terms.underlying[row] = underlyings.of(contract.underlying);
    terms.expiry[row] = expiries.of(required(contract.expiry, `the expiry of ${contract.id}`));
  });
  return { legs, terms, expiries: expiries.list };
}

/** Distinct values in the order in which they were met. */
export class Places<Value> {
  readonly list: Value[] = [];
  private readonly places = new Map<Value, number>();

  /** The place of a value, given at its first coming. */
  of(value: Value): number {
    const known = this.places.get(value);
    if (known !== undefined) return known;
    this.places.set(value, this.list.length);
    return this.list.push(value) - 1;
  }
}
