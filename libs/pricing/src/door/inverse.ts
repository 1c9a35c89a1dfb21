import { invalidInput } from '../errors';
import { blackInCoin } from './black-option';
import { numberInput, optionalNumber, optionType } from './inputs';
import type { InverseValuation, OptionType } from './valuation';

/** A coin-settled option as Deribit lists them: pays max(1 - K/S, 0) (call) or max(K/S - 1, 0) (put) coin. */
export interface InverseInputs {
  readonly type: OptionType;
  /** Price of the expiry's future (Deribit's `underlying_price`), quote currency per coin. */
  readonly F: number;
  readonly K: number;
  /** Years to expiry, ACT/365; zero or less is expiry. */
  readonly T: number;
  /** Volatility per √year. */
  readonly sigma: number;
  /** Must be 0 or absent: the exchange's convention has no rate. */
  readonly r?: number;
}

const NAMES = ['F', 'K', 'T', 'sigma', 'r'] as const;

/**
 * Black-76 without discounting, in the quote currency (`value`, `delta`, …) and in coin (`valueCoin`, `deltaCoin`,
 * `netTransactionDelta`, …). `rho` is the exchange's w·K·T·N(w·d2), the coin's spot price held constant.
 * @throws PricingError `PRICING.MISSING_INPUT`, `PRICING.INVALID_INPUT` naming the input.
 */
export function priceInverse(inputs: InverseInputs): InverseValuation {
  const type = optionType(inputs);
  if (optionalNumber(inputs, 'r', 0) !== 0)
    throw invalidInput('r', 'must be 0: coin-settled options are not discounted');
  return blackInCoin(
    type === 'call',
    numberInput(inputs, 'F'),
    numberInput(inputs, 'K'),
    numberInput(inputs, 'T'),
    numberInput(inputs, 'sigma'),
    0,
    0,
    NAMES,
  );
}
