import { sharedKernel } from '../kernel-instance';
import { readChoice, readFlag, readNumber, readVanillaTerms } from './inputs';
import type { RawInputs } from './inputs';
import { readValuation } from './valuation';
import type { FullValuation } from '../door/valuation';

interface DigitalExports {
  digitalEuropean(
    kind: number,
    w: number,
    s: number,
    k: number,
    t: number,
    r: number,
    q: number,
    v: number,
    payout: number,
  ): void;
  digitalTouch(
    kind: number,
    touch: number,
    atHit: number,
    w: number,
    s: number,
    k: number,
    t: number,
    r: number,
    q: number,
    v: number,
    payout: number,
  ): void;
}

/**
 * Terms of a digital. `exercise` european (default): pays at expiry where the option ends in the money. american: a
 * one-touch on K, a call from below and a put from above, paid on touching (`pay_at` hit, default) or at expiry;
 * `knock_in` false makes it a no-touch. `kind`: cash_or_nothing pays `payout` in currency, asset_or_nothing the asset,
 * gap pays w (S - payout) where S passes K (european only).
 */
export interface DigitalInputs {
  readonly type: 'call' | 'put';
  readonly kind: 'cash_or_nothing' | 'asset_or_nothing' | 'gap';
  readonly S: number;
  readonly K: number;
  readonly T: number;
  readonly sigma: number;
  readonly r?: number;
  readonly q?: number;
  readonly payout?: number | null;
  readonly exercise?: 'european' | 'american' | 'american(one-touch)';
  readonly pay_at?: 'hit' | 'expiry';
  readonly knock_in?: boolean;
}

const KINDS = ['cash_or_nothing', 'asset_or_nothing', 'gap'] as const;

/**
 * Value and Greeks of a digital, closed form (Rubinstein & Reiner 1991); Greeks exact by Taylor arithmetic.
 * Errors: PRICING.MISSING_INPUT, PRICING.INVALID_INPUT naming the input.
 */
export function priceDigital(terms: DigitalInputs | RawInputs): FullValuation {
  const inputs = terms as RawInputs; // every field is checked as it is read
  const vanilla = readVanillaTerms(inputs);
  const kind = KINDS.indexOf(readChoice(inputs, 'kind', KINDS, 'cash_or_nothing'));
  const payout = kind === 1 ? 0 : readNumber(inputs, 'payout', kind === 0 ? 1 : undefined);
  const exercise = readChoice(
    inputs,
    'exercise',
    ['european', 'american', 'american(one-touch)'],
    'european',
  );
  const { w, S, K, T, r, q, sigma } = vanilla;
  const kernel = sharedKernel<DigitalExports>();
  if (exercise === 'european') {
    kernel.exports.digitalEuropean(kind, w, S, K, T, r, q, sigma, payout);
  } else {
    readChoice(inputs, 'kind', ['cash_or_nothing', 'asset_or_nothing'], 'cash_or_nothing');
    const atHit = readChoice(inputs, 'pay_at', ['hit', 'expiry'], 'hit') === 'hit' ? 1 : 0;
    const touch = readFlag(inputs, 'knock_in', true) ? 1 : 0;
    kernel.exports.digitalTouch(kind, touch, atHit, w, S, K, T, r, q, sigma, payout);
  }
  return readValuation(kernel.result());
}
