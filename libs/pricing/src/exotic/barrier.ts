import { invalidInput } from '../errors';
import { sharedKernel } from '../kernel-instance';
import {
  readChoice,
  readFlag,
  readInteger,
  readNonNegative,
  readNumber,
  readPositive,
  readVanillaTerms,
} from './inputs';
import type { RawInputs } from './inputs';
import { readGridValuation, readValuation } from './valuation';
import type { VanillaTerms } from './inputs';
import type { FullValuation, Valuation } from '../door/valuation';
import { priceAmerican } from './american';

interface BarrierExports {
  barrierEuropean(
    payoff: number,
    knockIn: number,
    w: number,
    eta: number,
    s: number,
    k: number,
    t: number,
    r: number,
    q: number,
    v: number,
    barrier: number,
    rebate: number,
    amount: number,
    monitoringStep: number,
    touchedBefore: number,
  ): void;
  americanKnockIn(
    w: number,
    s: number,
    k: number,
    t: number,
    r: number,
    q: number,
    v: number,
    barrier: number,
    rebate: number,
  ): void;
  americanOnGrid(
    w: number,
    s: number,
    k: number,
    t: number,
    r: number,
    q: number,
    v: number,
    count: number,
    escrow: number,
    barrier: number,
    eta: number,
    rebate: number,
  ): void;
}

/**
 * Terms of a single-barrier option. `rebate` is paid when a knock-out is touched, or at expiry when a knock-in never was.
 * Monitoring is continuous unless `monitoring_interval` (years between looks) or `monitoring_count` (looks until expiry)
 * is given. `touched` true: the barrier was hit before now. `kind` makes it binary: cash_or_nothing pays `cash`,
 * asset_or_nothing the asset, where the barrier condition holds and the option ends in the money.
 */
export interface BarrierInputs {
  readonly type: 'call' | 'put';
  readonly barrier_type: 'DownIn' | 'UpIn' | 'DownOut' | 'UpOut';
  readonly barrier: number;
  readonly S: number;
  readonly K: number;
  readonly T: number;
  readonly sigma: number;
  readonly r?: number;
  readonly q?: number;
  readonly rebate?: number;
  readonly kind?: 'vanilla' | 'cash_or_nothing' | 'asset_or_nothing';
  readonly cash?: number;
  /** european (default) or american: then vanilla, monitored continuously. */
  readonly exercise?: 'european' | 'american';
  readonly monitoring_interval?: number;
  readonly monitoring_count?: number;
  readonly touched?: boolean;
}

const KINDS = ['vanilla', 'cash_or_nothing', 'asset_or_nothing'] as const;

/** Years between two looks at the barrier; 0 for continuous monitoring. */
function monitoringStep(inputs: RawInputs, T: number): number {
  if (inputs['monitoring_count'] !== undefined) {
    const step = T / readInteger(inputs, 'monitoring_count', 1, 1e9);
    return step > 0 ? step : 0;
  }
  return readNonNegative(inputs, 'monitoring_interval', 0);
}

interface BarrierTerms {
  readonly knockIn: boolean;
  /** +1 below the spot, -1 above. */
  readonly eta: 1 | -1;
  readonly barrier: number;
  readonly rebate: number;
  readonly touched: boolean;
}

function readBarrierTerms(inputs: RawInputs): BarrierTerms {
  const type = readChoice(inputs, 'barrier_type', ['DownIn', 'UpIn', 'DownOut', 'UpOut']);
  return {
    knockIn: type.endsWith('In'),
    eta: type.startsWith('Down') ? 1 : -1,
    barrier: readPositive(inputs, 'barrier'),
    rebate: readNonNegative(inputs, 'rebate', 0),
    touched: readFlag(inputs, 'touched', false),
  };
}

/**
 * American exercise, monitored continuously: a knock-out on a grid (Greeks up to second order and speed), a knock-in by the
 * density of the first touch. Touched, a knock-in is the American option and a knock-out its rebate.
 */
function priceAmericanBarrier(
  inputs: RawInputs,
  terms: VanillaTerms,
  { knockIn, eta, barrier, rebate, touched }: BarrierTerms,
): Valuation {
  const { w, S, K, T, r, q, sigma } = terms;
  readChoice(inputs, 'kind', ['vanilla'], 'vanilla');
  if (monitoringStep(inputs, T) > 0)
    throw invalidInput('monitoring_interval', 'is for European exercise only');
  if (touched || eta * (S - barrier) <= 0) {
    if (knockIn) return priceAmerican({ ...terms, type: w > 0 ? 'call' : 'put' });
    return { value: touched ? 0 : rebate, delta: 0, gamma: 0, vega: 0, theta: 0, rho: 0, dividendRho: 0 };
  }
  const kernel = sharedKernel<BarrierExports>();
  if (knockIn) {
    kernel.exports.americanKnockIn(w, S, K, T, r, q, sigma, barrier, rebate);
    const { speed: _none, ...valuation } = readGridValuation(kernel.result());
    return valuation;
  }
  kernel.exports.americanOnGrid(w, S, K, T, r, q, sigma, 0, 0, barrier, eta, rebate);
  return readGridValuation(kernel.result());
}

/**
 * Value and Greeks of a barrier option. European: closed form (Reiner & Rubinstein 1991; discrete monitoring by the shift of
 * Broadie, Glasserman & Kou 1997), Greeks exact by Taylor arithmetic, with the barrier and the interval between looks held
 * fixed. American: see `exercise`; about four digits. Errors: PRICING.MISSING_INPUT, PRICING.INVALID_INPUT naming the input.
 */
export function priceBarrier(terms: BarrierInputs | RawInputs): Valuation {
  const inputs = terms as RawInputs; // every field is checked as it is read
  if (readChoice(inputs, 'exercise', ['european', 'american'], 'european') === 'american') {
    return priceAmericanBarrier(inputs, readVanillaTerms(inputs), readBarrierTerms(inputs));
  }
  return priceEuropeanBarrier(inputs);
}

/** `priceBarrier` for European exercise: every Greek. */
export function priceEuropeanBarrier(inputs: RawInputs): FullValuation {
  const { w, S, K, T, r, q, sigma } = readVanillaTerms(inputs);
  const { knockIn, eta, barrier, rebate, touched } = readBarrierTerms(inputs);
  const kind = KINDS.indexOf(readChoice(inputs, 'kind', KINDS, 'vanilla'));
  const amount = kind === 1 ? readNumber(inputs, inputs['cash'] === undefined ? 'payout' : 'cash', 1) : 0;
  const kernel = sharedKernel<BarrierExports>();
  const step = monitoringStep(inputs, T);
  kernel.exports.barrierEuropean(
    kind,
    knockIn ? 1 : 0,
    w,
    eta,
    S,
    K,
    T,
    r,
    q,
    sigma,
    barrier,
    rebate,
    amount,
    step,
    touched ? 1 : 0,
  );
  return readValuation(kernel.result());
}
