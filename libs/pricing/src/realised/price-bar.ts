import { invalidInput } from '../errors';

/** One period's prices, in any currency; only ratios are used. Oldest bar first wherever bars come in a list. */
export interface PriceBar {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/** Throws `PRICING.INVALID_INPUT` unless there are enough bars, each positive with `low ≤ open, close ≤ high`. */
export function assertPriceBars(bars: readonly PriceBar[], atLeast: number): void {
  assertLength(bars.length, atLeast, 'bars');
  bars.forEach((bar, index) => {
    const { open, high, low, close } = bar;
    const positive = low > 0 && high < Infinity;
    const ordered = low <= open && low <= close && open <= high && close <= high;
    if (!positive || !ordered) {
      throw invalidInput(
        `bars[${index}]`,
        `is not 0 < low ≤ open, close ≤ high: ${open} ${high} ${low} ${close}`,
      );
    }
  });
}

/** Throws `PRICING.INVALID_INPUT` unless every number is finite and there are enough of them. */
export function assertReturns(returns: readonly number[], atLeast: number): void {
  assertLength(returns.length, atLeast, 'returns');
  returns.forEach((value, index) => {
    if (!Number.isFinite(value)) throw invalidInput(`returns[${index}]`, `is ${value}`);
  });
}

/** Throws `PRICING.INVALID_INPUT` unless `low < value < high`; NaN fails. */
export function assertBetween(name: string, value: number, low: number, high: number): void {
  if (!(value > low && value < high))
    throw invalidInput(name, `lies strictly between ${low} and ${high}, not ${value}`);
}

function assertLength(length: number, atLeast: number, path: string): void {
  if (length < atLeast) throw invalidInput(path, `are ${length}, and at least ${atLeast} are needed`);
}
