import { Decimal } from '@evenkeel/kernel';

/** A number that was measured, with how well it is known. */
export interface Estimate {
  readonly value: number;
  /** 0 for numbers that are terms rather than measurements. */
  readonly standardError: number;
  /** Observations it rests on; 0 for terms. */
  readonly samples: number;
}

export function exactly(value: number): Estimate {
  return { value, standardError: 0, samples: 0 };
}

/** The estimate moved `prudence` standard errors towards dearer. */
export function prudent(estimate: Estimate, prudence: number): number {
  return estimate.value + prudence * estimate.standardError;
}

/** A number, a decimal string, or `{ value, standardError, samples }`; undefined for anything else. */
export function readEstimate(written: unknown): Estimate | undefined {
  const plain = numberOf(written);
  if (plain !== undefined) return exactly(plain);
  if (typeof written !== 'object' || written === null || Array.isArray(written)) return undefined;
  // An object that is no array has string keys and unknown values.
  const fields = written as Readonly<Record<string, unknown>>;
  if (Object.keys(fields).some((name) => !['value', 'standardError', 'samples'].includes(name)))
    return undefined;
  const value = numberOf(fields['value']);
  const standardError = numberOf(fields['standardError'] ?? 0);
  const samples = numberOf(fields['samples'] ?? 0);
  if (value === undefined || standardError === undefined || samples === undefined) return undefined;
  return standardError >= 0 && samples >= 0 ? { value, standardError, samples } : undefined;
}

function numberOf(written: unknown): number | undefined {
  if (typeof written === 'number') return Number.isFinite(written) ? written : undefined;
  return typeof written === 'string' ? Decimal.tryParse(written)?.toNumber() : undefined;
}
