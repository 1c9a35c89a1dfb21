import { dividendYieldOf } from '../door/inputs';
import { PricingError, invalidInput } from '../errors';

/** Inputs as they come from a file or a script; the readers below check what they take. */
export type RawInputs = Readonly<Record<string, unknown>>;

const LIMIT = 1e15;

function present(inputs: RawInputs, name: string, fallback: unknown): unknown {
  const value = inputs[name] ?? fallback;
  if (value !== undefined && value !== null) return value;
  throw new PricingError({ code: 'PRICING.MISSING_INPUT', message: `${name} is missing`, path: name });
}

/** A finite number, or the default where the input is absent. */
export function readNumber(inputs: RawInputs, name: string, fallback?: number): number {
  const value = present(inputs, name, fallback);
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw invalidInput(name, 'must be a finite number');
  if (Math.abs(value) > LIMIT) throw invalidInput(name, `must not exceed ${LIMIT} in size`);
  return value;
}

export function readPositive(inputs: RawInputs, name: string, fallback?: number): number {
  const value = readNumber(inputs, name, fallback);
  if (!(value >= 1e-15)) throw invalidInput(name, 'must be positive');
  return value;
}

export function readNonNegative(inputs: RawInputs, name: string, fallback?: number): number {
  const value = readNumber(inputs, name, fallback);
  if (value < 0) throw invalidInput(name, 'must not be negative');
  return value;
}

export function readWithin(
  inputs: RawInputs,
  name: string,
  low: number,
  high: number,
  fallback?: number,
): number {
  const value = readNumber(inputs, name, fallback);
  if (value < low || value > high) throw invalidInput(name, `must lie between ${low} and ${high}`);
  return value;
}

export function readInteger(
  inputs: RawInputs,
  name: string,
  low: number,
  high: number,
  fallback?: number,
): number {
  const value = readWithin(inputs, name, low, high, fallback);
  if (!Number.isInteger(value)) throw invalidInput(name, 'must be a whole number');
  return value;
}

export function readChoice<Choice extends string>(
  inputs: RawInputs,
  name: string,
  choices: readonly Choice[],
  fallback?: Choice,
): Choice {
  const value = present(inputs, name, fallback);
  const choice = choices.find((candidate) => candidate === value);
  if (choice === undefined) throw invalidInput(name, `must be one of ${choices.join(', ')}`);
  return choice;
}

export function readFlag(inputs: RawInputs, name: string, fallback: boolean): boolean {
  const value = inputs[name] ?? fallback;
  if (typeof value !== 'boolean') throw invalidInput(name, 'must be true or false');
  return value;
}

/** Finite numbers in a list. */
export function readNumbers(inputs: RawInputs, name: string, maximum: number): number[] {
  const value = inputs[name];
  if (!Array.isArray(value) || value.length > maximum) {
    throw invalidInput(name, `must be a list of at most ${maximum} numbers`);
  }
  return value.map((item: unknown, index) => {
    if (typeof item !== 'number' || !Number.isFinite(item))
      throw invalidInput(`${name}[${index}]`, 'must be a finite number');
    return item;
  });
}

/** The inputs every model shares. T may be zero or below: then the payoff is returned. sigma may be zero. */
export interface VanillaTerms {
  readonly w: 1 | -1;
  readonly S: number;
  readonly K: number;
  readonly T: number;
  readonly r: number;
  readonly q: number;
  readonly sigma: number;
}

export const MAX_EXPIRY_YEARS = 200;
/** Thirty microseconds: anything shorter is expiry. */
const SHORTEST_EXPIRY_YEARS = 1e-12;
export const MAX_VOLATILITY = 100;
export const MAX_RATE = 10;

export function readSide(inputs: RawInputs): 1 | -1 {
  const type = inputs['type'];
  const lower = typeof type === 'string' ? { type: type.toLowerCase() } : inputs;
  return readChoice(lower, 'type', ['call', 'put']) === 'call' ? 1 : -1;
}

export function readSigma(inputs: RawInputs, name = 'sigma'): number {
  return readWithin(inputs, name, 0, MAX_VOLATILITY);
}

export function readRates(inputs: RawInputs): { readonly r: number; readonly q: number } {
  const r = readWithin(inputs, 'r', -MAX_RATE, MAX_RATE, 0);
  const q = dividendYieldOf(inputs, r);
  if (Math.abs(q) > MAX_RATE) throw invalidInput('q', `must lie between ${-MAX_RATE} and ${MAX_RATE}`);
  return { r, q };
}

export function readExpiry(inputs: RawInputs): number {
  const years = readWithin(inputs, 'T', -MAX_EXPIRY_YEARS, MAX_EXPIRY_YEARS);
  return years < SHORTEST_EXPIRY_YEARS ? Math.min(years, 0) : years;
}

export function readVanillaTerms(inputs: RawInputs): VanillaTerms {
  return {
    w: readSide(inputs),
    S: readPositive(inputs, 'S'),
    K: readPositive(inputs, 'K'),
    T: readExpiry(inputs),
    ...readRates(inputs),
    sigma: readSigma(inputs),
  };
}
