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
import { readValuation } from './valuation';
import type { FullValuation } from '../door/valuation';

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

/**
 * Value and Greeks of a barrier option, closed form (Reiner & Rubinstein 1991; discrete monitoring by the shift of
 * Broadie, Glasserman & Kou 1997); Greeks exact by Taylor arithmetic, with the barrier and the interval between looks
 * held fixed. Errors: PRICING.MISSING_INPUT, PRICING.INVALID_INPUT naming the input.
 */
export function priceBarrier(terms: BarrierInputs | RawInputs): FullValuation {
  const inputs = terms as RawInputs; // every field is checked as it is read
  const { w, S, K, T, r, q, sigma } = readVanillaTerms(inputs);
  const type = readChoice(inputs, 'barrier_type', ['DownIn', 'UpIn', 'DownOut', 'UpOut']);
  const barrier = readPositive(inputs, 'barrier');
  const kind = KINDS.indexOf(readChoice(inputs, 'kind', KINDS, 'vanilla'));
  const rebate = readNonNegative(inputs, 'rebate', 0);
  const amount =
    kind === 1
      ? readNumber(inputs, 'cash', inputs['payout'] === undefined ? 1 : readNumber(inputs, 'payout'))
      : 0;
  const knockIn = type.endsWith('In') ? 1 : 0;
  const eta = type.startsWith('Down') ? 1 : -1;
  const touched = readFlag(inputs, 'touched', false) ? 1 : 0;
  if (readChoice(inputs, 'exercise', ['european', 'american'], 'european') === 'american') {
    throw invalidInput('exercise', 'must be european here');
  }
  const kernel = sharedKernel<BarrierExports>();
  const step = monitoringStep(inputs, T);
  kernel.exports.barrierEuropean(
    kind,
    knockIn,
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
    touched,
  );
  return readValuation(kernel.result());
}
