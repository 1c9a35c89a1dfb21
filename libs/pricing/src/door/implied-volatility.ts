import { PricingError, invalidInput } from '../errors';
import { americanImpliedVolatility } from '../cases/american-implied-volatility';
import type { AmericanInputs } from '../exotic/american';
import { sharedKernel } from '../kernel-instance';
import type { Black76Inputs } from './black76';
import { rateOf } from './black76';
import type { EuropeanInputs } from './european';
import { dividendYieldOf, hasInput, numberInput, optionalNumber, optionType } from './inputs';
import type { InverseInputs } from './inverse';

interface ImpliedExports {
  blackImplied(isCall: number, price: number, u: number, k: number, t: number, r: number, b: number): number;
}

/** Every model that has an implied volatility: its inputs with `price` in place of `sigma`. */
export interface ImpliedVolatilityInputs {
  /** `price` in the currency of S. Cash dividends are not supported here. */
  readonly european: Omit<EuropeanInputs, 'sigma' | 'dividends'> & { readonly price: number };
  /** `price` in the currency of F, discounted. */
  readonly black76: Omit<Black76Inputs, 'sigma' | 'stdDev' | 'T'> & {
    readonly T: number;
    readonly price: number;
  };
  /** `price` in coin, as the exchange quotes it. */
  readonly inverse: Omit<InverseInputs, 'sigma'> & { readonly price: number };
  /** `price` in the currency of S; below or at immediate exercise is refused, since every small volatility has that price. */
  readonly american: Omit<AmericanInputs, 'sigma'> & { readonly price: number };
}

type ImpliedModel = keyof ImpliedVolatilityInputs;
type Impliers = { readonly [M in ImpliedModel]: (inputs: ImpliedVolatilityInputs[M]) => number };

const NAMES = ['S', 'K', 'T', 'sigma', 'r', 'price', 'price', 'price'] as const;
const REFUSALS: readonly (readonly [code: string, message: string])[] = [
  ['PRICING.INVALID_INPUT', 'must be positive, between 1e-60 and 1e60'],
  ['PRICING.INVALID_INPUT', 'must be positive, between 1e-60 and 1e60'],
  ['PRICING.INVALID_INPUT', 'must be positive: at expiry a price implies no volatility'],
  ['PRICING.INVALID_INPUT', 'must be 0 or more'],
  ['PRICING.INVALID_INPUT', 'must keep |rate|·T + |carry|·T within 600'],
  ['PRICING.INVALID_INPUT', 'must be 0 or more'],
  ['PRICING.BELOW_INTRINSIC', 'is below the intrinsic value'],
  ['PRICING.ABOVE_BOUND', 'is not below the bound that no volatility exceeds'],
];

function implied(
  inputs: object,
  underlyingName: string,
  price: number,
  underlying: number,
  rate: number,
  carry: number,
): number {
  const type = optionType(inputs);
  const kernel = sharedKernel<ImpliedExports>();
  const strike = numberInput(inputs, 'K');
  const expiry = numberInput(inputs, 'T');
  const status = kernel.exports.blackImplied(
    type === 'call' ? 1 : 0,
    price,
    underlying,
    strike,
    expiry,
    rate,
    carry,
  );
  if (status === 0) return kernel.result()[0] as number; // just written by the kernel
  const [code, message] = REFUSALS[status - 1] ?? ['PRICING.INVALID_INPUT', 'is out of range'];
  const path = status === 1 ? underlyingName : (NAMES[status - 1] ?? 'inputs');
  throw new PricingError({ code, message: `${path} ${message}`, path });
}

const impliers: Impliers = {
  european: (inputs) => {
    if (hasInput(inputs, 'dividends'))
      throw invalidInput('dividends', 'are not supported for implied volatility');
    const rate = optionalNumber(inputs, 'r', 0);
    const carry = rate - dividendYieldOf(inputs, rate);
    return implied(inputs, 'S', numberInput(inputs, 'price'), numberInput(inputs, 'S'), rate, carry);
  },
  black76: (inputs) =>
    implied(
      inputs,
      'F',
      numberInput(inputs, 'price'),
      numberInput(inputs, 'F'),
      rateOf(inputs, numberInput(inputs, 'T')),
      0,
    ),
  inverse: (inputs) => {
    const forward = numberInput(inputs, 'F');
    return implied(inputs, 'F', numberInput(inputs, 'price') * forward, forward, 0, 0);
  },
  american: (inputs) => americanImpliedVolatility({ ...inputs }),
};

/**
 * The volatility at which the model gives the price: machine precision wherever the price determines it (Jäckel,
 * "Let's Be Rational"), 0 at the intrinsic value.
 * @throws PricingError `PRICING.BELOW_INTRINSIC`, `PRICING.ABOVE_BOUND`, `PRICING.INVALID_INPUT`, `PRICING.MISSING_INPUT`,
 * `PRICING.UNKNOWN_MODEL`; `path` names the input.
 */
export function impliedVolatility<M extends ImpliedModel>(
  model: M,
  inputs: ImpliedVolatilityInputs[M],
): number {
  if (!Object.hasOwn(impliers, model)) {
    throw new PricingError({
      code: 'PRICING.UNKNOWN_MODEL',
      message: `implied volatility is defined for ${Object.keys(impliers).join(', ')}, not ${JSON.stringify(model)}`,
      path: 'model',
    });
  }
  return impliers[model](inputs);
}
