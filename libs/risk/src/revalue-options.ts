import type { LegValuation, OptionInputs } from '@evenkeel/facts';
import type { LegPricer } from './leg-pricer';
import type { LegInputs } from './leg-selection';
import { legValuationOf, valueLegs } from './valuation';

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
  { numeraire, rate, numeraireUsd, spotUsd }: RevaluationMarket,
  pricer: LegPricer,
): LegValuation[] {
  const inputs = legs.map((leg) => inputsOf(leg, spotUsd(leg.underlying)));
  return valueLegs(inputs, pricer, rate).map((priced) => legValuationOf(priced, numeraire, numeraireUsd));
}

function inputsOf(leg: OptionOnRecord, spot: number): LegInputs {
  const { optionType, contractSize, coinSettled, quotedForward, quotedSpot } = leg.inputs;
  return {
    contract: {
      id: leg.instrument,
      kind: 'option',
      underlying: leg.underlying,
      payoff: 'premium',
      coinSettled,
      sizeNumber: contractSize,
      strikeNumber: leg.strike,
      optionType,
    },
    position: { quantity: leg.quantity, contracts: Number(leg.quantity), basisNumber: 0 },
    mark: {
      price: 0,
      forward: quotedForward,
      mark: { volatility: leg.volatility, eventTime: leg.volatilityTime },
    },
    spot,
    quotedSpot,
    basis: quotedForward / quotedSpot,
    years: leg.expiryYears,
  };
}
