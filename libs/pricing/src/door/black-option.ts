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

// Every valuation is one literal: put together of spread parts it had more fields than engines keep in a fast shape, and took
// 60 (17 fields) to 170 times (26) as long. The order of fields is part of the golden bytes.

/** `rho` holds the forward constant. */
export function blackOnForward(...terms: BlackTerms): ForwardValuation {
  const at = solve(terms);
  const expiryYears = terms[3];
  return {
    value: at(0),
    delta: at(1),
    gamma: at(2),
    vega: at(3),
    theta: at(4),
    rho: expiryYears > 0 ? 0 - expiryYears * at(0) : 0,
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
  };
}

export function blackOption(...terms: BlackTerms): FullValuation {
  const at = solve(terms);
  return {
    value: at(0),
    delta: at(1),
    gamma: at(2),
    vega: at(3),
    theta: at(4),
    rho: at(5),
    dividendRho: at(6),
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
  };
}

export function blackInCoin(...terms: BlackTerms): InverseValuation {
  const at = solve(terms);
  return {
    value: at(0),
    delta: at(1),
    gamma: at(2),
    vega: at(3),
    theta: at(4),
    rho: at(5),
    dividendRho: at(6),
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
