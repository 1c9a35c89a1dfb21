import { invalidInput } from '../errors';
import { blackInCoin } from './black-option';
import { numberInput, optionType } from './inputs';
import type { OptionType } from './valuation';

/** Spot or forward hedge, with the premium paid in the quote currency or (`Pa`, premium-adjusted) in the base currency. */
export type DeltaConvention = 'Spot' | 'Fwd' | 'PaSpot' | 'PaFwd';

/** Inputs of a delta as currency desks state them. */
export interface FxDeltaInputs {
  readonly type: OptionType;
  readonly delta_type: DeltaConvention;
  readonly S: number;
  readonly K: number;
  /** Discount factors of the quote (domestic) and the base (foreign) currency to expiry. */
  readonly domDf: number;
  readonly forDf: number;
  /** Total standard deviation σ√T. */
  readonly stdDev: number;
}

const NAMES = ['S', 'K', 'T', 'stdDev', 'domDf'] as const;

/**
 * Delta per unit of base currency under a market convention. Premium-adjusted deltas are Δ - V/S: the delta of the value
 * in base currency, the same algebra as a coin-settled option's net transaction delta.
 * @throws PricingError `PRICING.MISSING_INPUT`, `PRICING.INVALID_INPUT` naming the input.
 */
export function fxDelta(inputs: FxDeltaInputs): number {
  const type = optionType(inputs);
  const domestic = numberInput(inputs, 'domDf');
  const foreign = numberInput(inputs, 'forDf');
  if (!(domestic > 0)) throw invalidInput('domDf', `must be positive, not ${domestic}`);
  if (!(foreign > 0)) throw invalidInput('forDf', `must be positive, not ${foreign}`);
  const forward = (numberInput(inputs, 'S') * foreign) / domestic;
  const { delta, netTransactionDelta } = blackInCoin(
    type === 'call',
    forward,
    numberInput(inputs, 'K'),
    1,
    numberInput(inputs, 'stdDev'),
    0,
    0,
    NAMES,
  );
  switch (inputs.delta_type) {
    case 'Spot':
      return foreign * delta;
    case 'Fwd':
      return delta;
    case 'PaSpot':
      return foreign * netTransactionDelta;
    case 'PaFwd':
      return netTransactionDelta;
    default:
      throw invalidInput('delta_type', 'must be Spot, Fwd, PaSpot or PaFwd');
  }
}
