import type { LegValuation, OptionInputs } from '@evenkeel/facts';
import { Places } from './leg-plan';
import type { LegPricer } from './leg-pricer';
import { OptionValuer, legOf } from './option-sheet';
import type { OptionSheet, OptionTerms } from './option-sheet';

/** An option leg as its inputs say it: what of its valuation does not follow from the rest. */
export type OptionOnRecord = Pick<
  LegValuation,
  'instrument' | 'quantity' | 'underlying' | 'strike' | 'volatility' | 'volatilityTime' | 'expiryYears'
> & { readonly inputs: OptionInputs };

/** The prices and the model that a snapshot was taken with. */
export interface RevaluationMarket {
  readonly numeraire: string;
  /** Continuous discount rate per year. */
  readonly rate: number;
  /** USD per unit of the numeraire. */
  readonly numeraireUsd: number;
  /** USD per unit of an underlying. */
  readonly spotUsd: (underlying: string) => number;
}

/**
 * Values option legs of a snapshot again, in order, from what the record says of them: the same numbers to the last bit as
 * when the snapshot was taken, wherever `pricer` is the kernel that the snapshot names.
 */
export function revalueOptions(
  legs: readonly OptionOnRecord[],
  market: RevaluationMarket,
  pricer: LegPricer,
): LegValuation[] {
  const sheet = sheetOf(legs, market);
  const valuer = new OptionValuer(pricer);
  valuer.value(sheet);
  return legs.map(({ volatilityTime }, row) => legOf(sheet, valuer.numbers, row, volatilityTime));
}

/** The inputs of options on the record as columns. */
export function sheetOf(
  legs: readonly OptionOnRecord[],
  { numeraire, rate, numeraireUsd, spotUsd }: RevaluationMarket,
): OptionSheet {
  const underlyings = new Places<string>();
  const years = new Places<number>();
  const numbers = (of: (leg: OptionOnRecord) => number): Float64Array => Float64Array.from(legs, of);
  const terms: OptionTerms = {
    count: legs.length,
    instruments: legs.map(({ instrument }) => instrument),
    quantities: legs.map(({ quantity }) => quantity),
    side: numbers(({ inputs }) => (inputs.optionType === 'call' ? 1 : -1)),
    strike: numbers(({ strike }) => strike),
    size: numbers(({ inputs }) => inputs.contractSize),
    contracts: numbers(({ quantity }) => Number(quantity)),
    coinSettled: Uint8Array.from(legs, ({ inputs }) => (inputs.coinSettled ? 1 : 0)),
    underlyings: underlyings.list,
    underlying: Int32Array.from(legs, ({ underlying }) => underlyings.of(underlying)),
    expiry: Int32Array.from(legs, ({ expiryYears }) => years.of(expiryYears)),
  };
  const quotes = {
    volatility: numbers(({ volatility }) => volatility),
    forward: numbers(({ inputs }) => inputs.quotedForward),
    spot: numbers(({ inputs }) => inputs.quotedSpot),
  };
  const spots = Float64Array.from(underlyings.list, spotUsd);
  return { terms, quotes, years: Float64Array.from(years.list), spots, numeraire, numeraireUsd, rate };
}
