import { invalidInput } from '../errors';
import { math } from '../math';
import { blackOption } from './black-option';
import { dividendYieldOf, hasInput, numberInput, optionalNumber, optionType } from './inputs';
import type { FullValuation, OptionType } from './valuation';

/** A cash dividend of `amount` paid `t` years from now. */
export interface CashDividend {
  readonly t: number;
  readonly amount: number;
}

/** A European option on a spot price with continuous yield (generalised Black–Scholes–Merton). */
export interface EuropeanInputs {
  readonly type: OptionType;
  /** Spot price, positive. */
  readonly S: number;
  /** Strike, positive. */
  readonly K: number;
  /** Years to expiry (ACT/365 in this system); zero or less is expiry: the payoff, half a delta at the strike, no other Greeks. */
  readonly T: number;
  /** Volatility per √year, 0 or more. */
  readonly sigma: number;
  /** Continuously compounded rate; 0 where absent. */
  readonly r?: number;
  /** Continuous dividend yield or foreign rate; 0 where absent. */
  readonly q?: number;
  /** Cost of carry r - q, in place of q. */
  readonly b?: number;
  /** Cash dividends by the escrowed model: the spot less their present value diffuses. Those after expiry are ignored. */
  readonly dividends?: readonly CashDividend[];
}

const NAMES = ['S', 'K', 'T', 'sigma', 'r'] as const;

/**
 * Value and all Greeks by the closed forms (Merton 1973; Haug 2007 ch. 2), in the quote currency.
 * Greeks hold every other input constant; with cash dividends time Greeks include the drift of their present value.
 * @throws PricingError `PRICING.MISSING_INPUT`, `PRICING.INVALID_INPUT` naming the input.
 */
export function priceEuropean(inputs: EuropeanInputs): FullValuation {
  const type = optionType(inputs);
  const spot = numberInput(inputs, 'S');
  const expiry = numberInput(inputs, 'T');
  const rate = optionalNumber(inputs, 'r', 0);
  const carry = rate - dividendYieldOf(inputs, rate);
  const escrow = hasInput(inputs, 'dividends')
    ? presentDividends(inputs.dividends ?? [], rate, expiry)
    : undefined;
  const diffusing = escrow === undefined ? spot : spot - escrow.present;
  if (escrow !== undefined && !(diffusing > 0)) {
    throw invalidInput('dividends', 'are worth as much as the spot: nothing is left to diffuse');
  }
  const valuation = blackOption(
    type === 'call',
    diffusing,
    numberInput(inputs, 'K'),
    expiry,
    numberInput(inputs, 'sigma'),
    rate,
    carry,
    NAMES,
  );
  if (escrow === undefined || expiry <= 0) return valuation;
  const drift = -rate * escrow.present;
  return {
    ...valuation,
    theta: valuation.theta + valuation.delta * drift,
    charm: valuation.charm + valuation.gamma * drift,
    colour: valuation.colour + valuation.speed * drift,
    veta: valuation.veta + valuation.vanna * drift,
    rho: valuation.rho + valuation.delta * escrow.timeWeighted,
  };
}

function presentDividends(
  dividends: readonly CashDividend[],
  rate: number,
  expiry: number,
): { present: number; timeWeighted: number } {
  if (!Array.isArray(dividends)) throw invalidInput('dividends', 'must be a list of { t, amount }');
  let present = 0;
  let timeWeighted = 0;
  dividends.forEach((dividend: CashDividend, index) => {
    const at = `dividends[${index}]`;
    if (typeof dividend !== 'object' || dividend === null) throw invalidInput(at, 'must be { t, amount }');
    const { t, amount } = dividend;
    if (!Number.isFinite(t)) throw invalidInput(`${at}.t`, 'must be a finite number of years');
    if (!Number.isFinite(amount) || amount < 0) throw invalidInput(`${at}.amount`, 'must be 0 or more');
    if (t < 0 || t > expiry) return;
    const worth = amount * math.exp(-rate * t);
    present += worth;
    timeWeighted += worth * t;
  });
  return { present, timeWeighted };
}
