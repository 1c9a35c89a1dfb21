import type { ImpliedVolatilityInputs } from '../door/implied-volatility';
import { impliedVolatility } from '../door/implied-volatility';
import { PricingError, invalidInput } from '../errors';
import { kernelHash } from '../kernel-instance';
import { americanImpliedVolatility } from './american-implied-volatility';
import type { CaseInputs, CaseResults, PricingCase } from './case-file';
import { parseCaseFile, runCases } from './case-file';

/**
 * The core of `keel price vol`: the implied volatility of every case of a file `{ "model"?, "cases": [{ "id", "inputs" }] }`,
 * whose inputs are the model's with `price` in place of `sigma`. Models: black76 (where the inputs have F), european (where
 * they have S), inverse (price in coin), american. Results carry `value` and `impliedVolatility`, or `error`.
 */
export function runImpliedVolatilityFile(file: unknown): CaseResults {
  return runCases(parseCaseFile(file), kernelHash, (pricingCase) => {
    const volatility = impliedOf(pricingCase);
    return { value: volatility, impliedVolatility: volatility };
  });
}

function impliedOf(pricingCase: PricingCase): number {
  const { inputs } = pricingCase;
  const model = pricingCase.model ?? modelOf(inputs);
  refuseUndiscounted(inputs);
  if (model === 'american') return americanImpliedVolatility(inputs);
  // The door checks the model's name and every field; a case is not yet known to have them.
  return impliedVolatility(model as keyof ImpliedVolatilityInputs, inputs as never);
}

/** Every price here is a discounted one: where there is a rate the two differ. */
function refuseUndiscounted(inputs: CaseInputs): void {
  const name = 'undiscountedPrice';
  if (inputs[name] === undefined) return;
  const said = ['r', 'discount'].find((rate) => inputs[rate] !== undefined);
  if (said !== undefined && inputs[said] !== (said === 'r' ? 0 : 1))
    throw invalidInput(
      name,
      `is not discounted and ${said} is not ${said === 'r' ? 0 : 1}: write the discounted price as price`,
    );
}

function modelOf(inputs: CaseInputs): string {
  if (inputs['F'] !== undefined) return 'black76';
  if (inputs['S'] !== undefined) return 'european';
  throw new PricingError({ code: 'PRICING.MISSING_INPUT', message: 'F or S is missing', path: 'F' });
}
