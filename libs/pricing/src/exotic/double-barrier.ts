import type { FullValuation } from '../door/valuation';
import { invalidInput } from '../errors';
import { sharedKernel } from '../kernel-instance';
import { readChoice, readFlag, readNonNegative, readPositive, readVanillaTerms } from './inputs';
import type { RawInputs } from './inputs';
import { readValuation } from './valuation';

interface DoubleBarrierExports {
  doubleBarrier(
    knockIn: number,
    w: number,
    s: number,
    k: number,
    t: number,
    r: number,
    q: number,
    v: number,
    lower: number,
    upper: number,
    rebate: number,
    touchedBefore: number,
  ): void;
}

/**
 * Terms of a European option between two barriers, monitored continuously. A knock-out pays `rebate` when either is touched, a
 * knock-in at expiry when neither ever was. `touched` true: one was hit before now.
 */
export interface DoubleBarrierInputs {
  readonly type: 'call' | 'put';
  readonly barrier_type: 'KnockOut' | 'KnockIn';
  readonly barrier_lo: number;
  readonly barrier_hi: number;
  readonly S: number;
  readonly K: number;
  readonly T: number;
  readonly sigma: number;
  readonly r?: number;
  readonly q?: number;
  readonly rebate?: number;
  readonly exercise?: 'european';
  readonly touched?: boolean;
}

/**
 * Value and every Greek of a double barrier by reflections (Ikeda & Kunitomo 1992, flat barriers), exact to rounding: about 1e-14
 * of the spot, not of the value where almost nothing survives. Greeks are exact by Taylor arithmetic, barriers held. Errors:
 * PRICING.MISSING_INPUT, PRICING.INVALID_INPUT naming the input.
 */
export function priceDoubleBarrier(terms: DoubleBarrierInputs | RawInputs): FullValuation {
  const inputs = terms as RawInputs; // every field is checked as it is read
  const { w, S, K, T, r, q, sigma } = readVanillaTerms(inputs);
  readChoice(inputs, 'exercise', ['european'], 'european');
  const knockIn = readChoice(inputs, 'barrier_type', ['KnockOut', 'KnockIn']) === 'KnockIn';
  const lower = readPositive(inputs, 'barrier_lo');
  const upper = readPositive(inputs, 'barrier_hi');
  if (!(lower < upper)) throw invalidInput('barrier_hi', 'must be above barrier_lo');
  const rebate = readNonNegative(inputs, 'rebate', 0);
  const touched = readFlag(inputs, 'touched', false);
  const kernel = sharedKernel<DoubleBarrierExports>();
  kernel.exports.doubleBarrier(
    knockIn ? 1 : 0,
    w,
    S,
    K,
    T,
    r,
    q,
    sigma,
    lower,
    upper,
    rebate,
    touched ? 1 : 0,
  );
  return readValuation(kernel.result());
}
