import { PricingError } from '../errors';
import type { AmericanInputs } from '../exotic/american';
import { priceAmerican } from '../exotic/american';
import type { AsianInputs } from '../exotic/asian';
import { priceAsian } from '../exotic/asian';
import type { BarrierInputs } from '../exotic/barrier';
import { priceBarrier } from '../exotic/barrier';
import type { DigitalInputs } from '../exotic/digital';
import { priceDigital } from '../exotic/digital';
import type { HestonInputs } from '../exotic/heston';
import { priceHeston } from '../exotic/heston';
import type { MertonInputs } from '../exotic/merton';
import { priceMerton } from '../exotic/merton';
import type { Black76Inputs } from './black76';
import { priceBlack76 } from './black76';
import type { EuropeanInputs } from './european';
import { priceEuropean } from './european';
import type { InverseInputs } from './inverse';
import { priceInverse } from './inverse';
import type { ForwardValuation, FullValuation, InverseValuation } from './valuation';

/** Every model by its name in files: what it takes and what it gives. */
export interface PricingModels {
  readonly european: { readonly inputs: EuropeanInputs; readonly valuation: FullValuation };
  readonly black76: { readonly inputs: Black76Inputs; readonly valuation: ForwardValuation };
  readonly inverse: { readonly inputs: InverseInputs; readonly valuation: InverseValuation };
  readonly american: {
    readonly inputs: AmericanInputs;
    readonly valuation: ReturnType<typeof priceAmerican>;
  };
  readonly digital: { readonly inputs: DigitalInputs; readonly valuation: ReturnType<typeof priceDigital> };
  readonly barrier: { readonly inputs: BarrierInputs; readonly valuation: ReturnType<typeof priceBarrier> };
  readonly asian: { readonly inputs: AsianInputs; readonly valuation: ReturnType<typeof priceAsian> };
  readonly merton: { readonly inputs: MertonInputs; readonly valuation: ReturnType<typeof priceMerton> };
  readonly heston: { readonly inputs: HestonInputs; readonly valuation: ReturnType<typeof priceHeston> };
}

export type PricingModel = keyof PricingModels;

type Pricers = {
  readonly [M in PricingModel]: (inputs: PricingModels[M]['inputs']) => PricingModels[M]['valuation'];
};

const pricers: Pricers = {
  european: priceEuropean,
  black76: priceBlack76,
  inverse: priceInverse,
  american: priceAmerican,
  digital: priceDigital,
  barrier: priceBarrier,
  asian: priceAsian,
  merton: priceMerton,
  heston: priceHeston,
};

/** The names that `priceOption` knows. */
export const pricingModels: readonly PricingModel[] = Object.keys(pricers) as PricingModel[]; // the keys of `pricers` are the models

/**
 * Value and Greeks of one option under the model of that name.
 * @throws PricingError `PRICING.UNKNOWN_MODEL`; `PRICING.MISSING_INPUT` and `PRICING.INVALID_INPUT` name the input in `path`.
 */
export function priceOption<M extends PricingModel>(
  model: M,
  inputs: PricingModels[M]['inputs'],
): PricingModels[M]['valuation'] {
  if (!Object.hasOwn(pricers, model)) {
    throw new PricingError({
      code: 'PRICING.UNKNOWN_MODEL',
      message: `model must be one of ${pricingModels.join(', ')}, not ${JSON.stringify(model)}`,
      path: 'model',
    });
  }
  return pricers[model](inputs);
}
