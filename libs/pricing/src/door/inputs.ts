import { PricingError, invalidInput } from '../errors';
import type { OptionType } from './valuation';

/** The finite number under `name`; a named error where it is missing or something else. */
export function numberInput(inputs: object, name: string): number {
  const value = (inputs as Readonly<Record<string, unknown>>)[name]; // inputs may come from a file: each field is checked here
  if (value === undefined)
    throw new PricingError({ code: 'PRICING.MISSING_INPUT', message: `${name} is missing`, path: name });
  if (typeof value !== 'number' || !Number.isFinite(value)) {
    throw invalidInput(
      name,
      `must be a finite number, not ${typeof value === 'number' ? value : JSON.stringify(value)}`,
    );
  }
  return value;
}

/** The number under `name`, or `fallback` where the input is absent. */
export function optionalNumber(inputs: object, name: string, fallback: number): number {
  return (inputs as Readonly<Record<string, unknown>>)[name] === undefined
    ? fallback
    : numberInput(inputs, name);
}

/** Relative difference below which two ways of saying one quantity agree: figures of tables carry about ten digits. */
const AGREEMENT = 1e-9;

/** Throws where `name` says otherwise than the rest of the inputs, which make it `made`. */
export function assertAgrees(name: string, stated: number, made: number, by: string): void {
  if (Math.abs(stated - made) <= AGREEMENT * Math.max(1, Math.abs(made))) return;
  throw invalidInput(name, `is ${stated}, and ${by} make it ${made}: write one of them`);
}

/** Dividend yield: `q`, or `r - b` where the cost of carry is given; 0 where neither is. */
export function dividendYieldOf(inputs: object, rate: number): number {
  if (!hasInput(inputs, 'b')) return optionalNumber(inputs, 'q', 0);
  const carry = numberInput(inputs, 'b');
  if (hasInput(inputs, 'q')) assertAgrees('b', carry, rate - numberInput(inputs, 'q'), 'r and q');
  return rate - carry;
}

/** Whether the input of that name is there. */
export function hasInput(inputs: object, name: string): boolean {
  return (inputs as Readonly<Record<string, unknown>>)[name] !== undefined;
}

/** `call` or `put`, in either case of letters. */
export function optionType(inputs: object): OptionType {
  const value = (inputs as Readonly<Record<string, unknown>>)['type'];
  const type = typeof value === 'string' ? value.toLowerCase() : value;
  if (type === 'call' || type === 'put') return type;
  if (type === undefined)
    throw new PricingError({ code: 'PRICING.MISSING_INPUT', message: 'type is missing', path: 'type' });
  throw invalidInput('type', `must be call or put, not ${JSON.stringify(value)}`);
}
