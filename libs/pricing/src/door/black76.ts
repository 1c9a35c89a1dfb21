import { invalidInput } from '../errors';
import { math } from '../math';
import { blackOnForward } from './black-option';
import { assertAgrees, hasInput, numberInput, optionalNumber, optionType } from './inputs';
import type { ForwardValuation, OptionType } from './valuation';

/** A European option on a forward or future (Black 1976). */
export interface Black76Inputs {
  readonly type: OptionType;
  /** Forward price of the expiry, positive. */
  readonly F: number;
  /** Strike, positive. */
  readonly K: number;
  /** Years to expiry; zero or less is expiry. 1 where absent and `stdDev` is given. */
  readonly T?: number;
  /** Volatility per √year, 0 or more; or give `stdDev`. */
  readonly sigma?: number;
  /** Total standard deviation σ√T, instead of `sigma`. */
  readonly stdDev?: number;
  /** Continuously compounded rate; 0 where absent. */
  readonly r?: number;
  /** Discount factor to expiry, instead of `r`. */
  readonly discount?: number;
}

const NAMES = ['F', 'K', 'T', 'sigma', 'r'] as const;

/** The inputs in the kernel's terms, each checked. */
export function black76Terms(inputs: Omit<Black76Inputs, 'type'>): {
  readonly forward: number;
  readonly strike: number;
  readonly expiry: number;
  readonly volatility: number;
  readonly rate: number;
} {
  const byDeviation = hasInput(inputs, 'stdDev') && !hasInput(inputs, 'sigma');
  const expiry = byDeviation ? optionalNumber(inputs, 'T', 1) : numberInput(inputs, 'T');
  if (hasInput(inputs, 'stdDev') && !byDeviation) {
    const made = numberInput(inputs, 'sigma') * Math.sqrt(Math.max(0, expiry));
    assertAgrees('stdDev', numberInput(inputs, 'stdDev'), made, 'sigma and T');
  }
  return {
    forward: numberInput(inputs, 'F'),
    strike: numberInput(inputs, 'K'),
    expiry,
    volatility: byDeviation ? volatilityOf(inputs, expiry) : numberInput(inputs, 'sigma'),
    rate: rateOf(inputs, expiry),
  };
}

/** The rate that `r` or `discount` states; where both do they agree. */
export function rateOf(inputs: object, expiry: number): number {
  if (!hasInput(inputs, 'discount')) return optionalNumber(inputs, 'r', 0);
  const discount = numberInput(inputs, 'discount');
  if (!(discount > 0)) throw invalidInput('discount', `must be positive, not ${discount}`);
  if (hasInput(inputs, 'r'))
    assertAgrees('discount', discount, math.exp(-numberInput(inputs, 'r') * expiry), 'r and T');
  if (discount === 1) return 0;
  if (!(expiry > 0)) throw invalidInput('discount', 'must be 1 at expiry');
  return -math.log(discount) / expiry;
}

function volatilityOf(inputs: object, expiry: number): number {
  const deviation = numberInput(inputs, 'stdDev');
  if (!(deviation >= 0)) throw invalidInput('stdDev', `must be 0 or more, not ${deviation}`);
  if (deviation === 0) return 0;
  if (!(expiry > 0)) throw invalidInput('stdDev', 'must be 0 at expiry');
  return deviation / Math.sqrt(expiry);
}

/**
 * Value and all Greeks by Black's closed forms; delta, gamma and their kin with respect to the forward, rho with the
 * forward held constant (so -T·value).
 * @throws PricingError `PRICING.MISSING_INPUT`, `PRICING.INVALID_INPUT` naming the input.
 */
export function priceBlack76(inputs: Black76Inputs): ForwardValuation {
  const type = optionType(inputs);
  const { forward, strike, expiry, volatility, rate } = black76Terms(inputs);
  return blackOnForward(type === 'call', forward, strike, expiry, volatility, rate, 0, NAMES);
}
