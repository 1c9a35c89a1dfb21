import { PricingError, invalidInput } from '../errors';
import { numberInput } from '../door/inputs';
import type { OptionType } from '../door/valuation';
import { isRecord } from './case-file';
import type { CaseInputs } from './case-file';

/** Numbers under these names, all required. */
export function numbersNamed<Name extends string>(
  inputs: CaseInputs,
  ...names: readonly Name[]
): Record<Name, number> {
  const read = {} as Record<Name, number>; // filled below, one entry per name
  for (const name of names) read[name] = numberInput(inputs, name);
  return read;
}

/** A list of numbers, each finite. */
export function numberList(inputs: CaseInputs, name: string): number[] {
  return listNamed(inputs, name).map((value, index) => {
    if (typeof value !== 'number' || !Number.isFinite(value))
      throw invalidInput(`${name}[${index}]`, 'must be a finite number');
    return value;
  });
}

/** A list of objects. */
export function recordList(inputs: CaseInputs, name: string): CaseInputs[] {
  return listNamed(inputs, name).map((value, index) => {
    if (!isRecord(value)) throw invalidInput(`${name}[${index}]`, 'must be an object');
    return value;
  });
}

/** `call` or `put` where the case has a type at all. */
export function optionalType(inputs: CaseInputs): OptionType | undefined {
  const value = inputs['type'];
  if (value === undefined) return undefined;
  const type = typeof value === 'string' ? value.toLowerCase() : value;
  if (type === 'call' || type === 'put') return type;
  throw invalidInput('type', `must be call or put, not ${JSON.stringify(value)}`);
}

function listNamed(inputs: CaseInputs, name: string): readonly unknown[] {
  const value = inputs[name];
  if (value === undefined)
    throw new PricingError({ code: 'PRICING.MISSING_INPUT', message: `${name} is missing`, path: name });
  if (!Array.isArray(value)) throw invalidInput(name, 'must be a list');
  return value;
}
