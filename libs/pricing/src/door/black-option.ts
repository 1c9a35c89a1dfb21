import { invalidInput } from '../errors';
import { sharedKernel } from '../kernel-instance';
import type { ForwardValuation, FullValuation, InverseValuation } from './valuation';

interface BlackExports {
  blackOption(isCall: number, u: number, k: number, t: number, v: number, r: number, b: number): number;
}

/** Names of the inputs as the caller knows them, in the order of the kernel's status codes. */
export type BlackInputNames = readonly [
  underlying: string,
  strike: string,
  expiry: string,
  volatility: string,
  rate: string,
];

const RANGES = [
  'must be positive, between 1e-60 and 1e60',
  'must be positive, between 1e-60 and 1e60',
  'must be finite',
  'must be 0 or more and finite',
  'must keep |rate|·T + |carry|·T within 600',
] as const;

type BlackTerms = readonly [
  isCall: boolean,
  underlying: number,
  strike: number,
  expiryYears: number,
  volatility: number,
  rate: number,
  carry: number,
  names: BlackInputNames,
];

/** What the kernel has just written; good until it is asked again. */
type Written = (index: number) => number;

/** One option of the Black–Scholes family: carry 0 on a forward, r - q on a spot; T at or below zero is expiry. */
function solve([
  isCall,
  underlying,
  strike,
  expiryYears,
  volatility,
  rate,
  carry,
  names,
]: BlackTerms): Written {
  const kernel = sharedKernel<BlackExports>();
  const status = kernel.exports.blackOption(
    isCall ? 1 : 0,
    underlying,
    strike,
    expiryYears,
    volatility,
    rate,
    carry,
  );
  if (status !== 0) {
    throw invalidInput(names[status - 1] ?? 'inputs', RANGES[status - 1] ?? 'are out of range');
  }
  const out = kernel.result();
  return (index) => out[index] as number; // the kernel writes all 26
}

// The order of a valuation's fields is part of its golden bytes.
const firstFields = (at: Written) => ({
  value: at(0),
  delta: at(1),
  gamma: at(2),
  vega: at(3),
  theta: at(4),
  rho: at(5),
});

const laterFields = (at: Written) => ({
  vanna: at(7),
  volga: at(8),
  charm: at(9),
  speed: at(10),
  zomma: at(11),
  colour: at(12),
  veta: at(13),
  ultima: at(14),
  dualDelta: at(15),
  dualGamma: at(16),
});

export function blackOnForward(...terms: BlackTerms): ForwardValuation {
  const at = solve(terms);
  return { ...firstFields(at), ...laterFields(at) };
}

export function blackOption(...terms: BlackTerms): FullValuation {
  const at = solve(terms);
  return { ...firstFields(at), dividendRho: at(6), ...laterFields(at) };
}

export function blackInCoin(...terms: BlackTerms): InverseValuation {
  const at = solve(terms);
  return {
    ...firstFields(at),
    dividendRho: at(6),
    ...laterFields(at),
    valueCoin: at(17),
    deltaCoin: at(18),
    netTransactionDelta: at(19),
    gammaCoin: at(20),
    vegaCoin: at(21),
    thetaCoin: at(22),
    rhoCoin: at(23),
    vannaCoin: at(24),
    volgaCoin: at(25),
  };
}
