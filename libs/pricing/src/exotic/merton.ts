import { assertAgrees, hasInput, numberInput } from '../door/inputs';
import { invalidInput } from '../errors';
import { sharedKernel } from '../kernel-instance';
import {
  readExpiry,
  readNonNegative,
  readPositive,
  readRates,
  readSide,
  readSigma,
  readWithin,
} from './inputs';
import type { RawInputs } from './inputs';
import { readValuation } from './valuation';
import type { FullValuation } from '../door/valuation';

interface MertonExports {
  mertonOption(
    w: number,
    s: number,
    k: number,
    t: number,
    r: number,
    q: number,
    v: number,
    intensity: number,
    jumpVol: number,
    meanJump: number,
  ): void;
}

/**
 * Terms of a European option under Merton's jump diffusion. `diffusion_vol` (or `sigma`) per year; jumps arrive
 * `jump_intensity` times a year, with mean relative size `mean_jump` (above -1; -0.1 is a fall of 10 %) and log-deviation
 * `jump_vol_delta`.
 */
export interface MertonInputs {
  readonly type: 'call' | 'put';
  readonly S: number;
  readonly K: number;
  readonly T: number;
  readonly r?: number;
  readonly q?: number;
  readonly diffusion_vol?: number;
  readonly sigma?: number;
  readonly jump_intensity: number;
  readonly jump_vol_delta: number;
  readonly mean_jump?: number;
}

const MAX_JUMPS = 20_000;

/** Haug's tables state the total volatility and the jumps' share of its variance too; jumps there have no mean. */
function assertTotals(inputs: RawInputs, diffusion: number, jumpVariance: number): void {
  const variance = diffusion * diffusion + jumpVariance;
  const parts = 'diffusion_vol and the jumps';
  if (hasInput(inputs, 'total_sigma'))
    assertAgrees('total_sigma', numberInput(inputs, 'total_sigma'), Math.sqrt(variance), parts);
  const share = 'gamma_jump_share_of_variance';
  if (hasInput(inputs, share))
    assertAgrees(share, numberInput(inputs, share), jumpVariance / variance, parts);
}

/**
 * Value and Greeks under Merton (1976), as a Poisson mixture of Black prices; Greeks exact by Taylor arithmetic, with the
 * jump parameters held constant: vega is per 1.00 of the diffusion volatility. Errors: PRICING.MISSING_INPUT, PRICING.INVALID_INPUT.
 */
export function priceMerton(terms: MertonInputs | RawInputs): FullValuation {
  const inputs = terms as RawInputs; // every field is checked as it is read
  const { r, q } = readRates(inputs);
  const T = readExpiry(inputs);
  const intensity = readWithin(inputs, 'jump_intensity', 0, 1000);
  const meanJump = readWithin(inputs, 'mean_jump', -0.999999, 1000, 0);
  if (T * intensity * Math.max(1, 1 + meanJump) > MAX_JUMPS) {
    throw invalidInput(
      'jump_intensity',
      `must not make more than ${MAX_JUMPS} jumps, weighted by their size, until expiry`,
    );
  }
  const diffusion = readSigma(inputs, inputs['diffusion_vol'] === undefined ? 'sigma' : 'diffusion_vol');
  const jumpVol = readNonNegative(inputs, 'jump_vol_delta');
  assertTotals(inputs, diffusion, intensity * jumpVol * jumpVol);
  const kernel = sharedKernel<MertonExports>();
  kernel.exports.mertonOption(
    readSide(inputs),
    readPositive(inputs, 'S'),
    readPositive(inputs, 'K'),
    T,
    r,
    q,
    diffusion,
    intensity,
    jumpVol,
    meanJump,
  );
  return readValuation(kernel.result());
}
