import { PricingError, invalidInput } from '../errors';

/** Throws `PRICING.INVALID_INPUT` unless `low < value < high`; NaN fails. */
export function assertOpen(name: string, value: number, low: number, high: number): void {
  if (!(value > low && value < high))
    throw invalidInput(name, `lies strictly between ${low} and ${high}, not ${value}`);
}

/** Throws `PRICING.INVALID_INPUT` unless `low ≤ value ≤ high`; NaN fails. */
export function assertClosed(name: string, value: number, low: number, high: number): void {
  if (!(value >= low && value <= high))
    throw invalidInput(name, `lies between ${low} and ${high}, not ${value}`);
}

/** Parameters that are each in range but determine no smile together. */
export function degenerateSmile(path: string, message: string): PricingError {
  return new PricingError({ code: 'PRICING.SMILE_DEGENERATE', message, path });
}
