import { createLegBatch, kernelHash, valuesLegsLike } from '@evenkeel/pricing';
import type { LegBatch } from '@evenkeel/pricing';
import type { LegPricer, OptionBatch, OptionColumns } from './leg-pricer';

const CAPACITY_MIN = 64;

/** One for all pricers of a process: what one call gave is valid until the next anyhow, and an instance of the kernel takes 0.2 ms. */
let legs: LegBatch | undefined;

/** Black-76 from the WebAssembly kernel, all options of a book in one call. A leg it refuses comes back as NaN. */
export function createKernelLegPricer(): LegPricer {
  return {
    model: 'black-76',
    kernelHash,
    pricesLike: valuesLegsLike,
    price(batch, rate) {
      if (legs === undefined || legs.capacity < batch.count)
        legs = createLegBatch(Math.max(CAPACITY_MIN, batch.count * 2));
      fill(legs, batch, rate);
      legs.valueAll(batch.count);
      return columnsOf(legs);
    },
  };
}

/** Carry stays at the 0 that it starts at: what is priced has forwards. Quantities are of totals alone. */
function fill(
  into: LegBatch,
  { side, forward, strike, years, volatility, count }: OptionBatch,
  rate: number,
): void {
  for (let index = 0; index < count; index += 1) into.isCall[index] = (side[index] ?? 0) > 0 ? 1 : 0;
  into.underlying.set(forward.subarray(0, count));
  into.strike.set(strike.subarray(0, count));
  into.expiryYears.set(years.subarray(0, count));
  into.volatility.set(volatility.subarray(0, count));
  into.rate.fill(rate, 0, count);
}

function columnsOf(legs: LegBatch): OptionColumns {
  const { value, delta, gamma, vega, theta, vanna, volga } = legs;
  return { value, delta, gamma, vega, theta, vanna, volga };
}
