import { PricingError } from '../errors';
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
}

export type PricingModel = keyof PricingModels;

type Pricers = {
  readonly [M in PricingModel]: (inputs: PricingModels[M]['inputs']) => PricingModels[M]['valuation'];
};

const pricers: Pricers = {
  european: priceEuropean,
  black76: priceBlack76,
  inverse: priceInverse,
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
