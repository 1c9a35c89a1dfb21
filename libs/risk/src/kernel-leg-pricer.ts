import { createLegBatch, kernelHash, valuesLegsLike } from '@evenkeel/pricing';
import type { LegBatch } from '@evenkeel/pricing';
import type { LegPricer, OptionBatch, OptionColumns } from './leg-pricer';

const CAPACITY_MIN = 64;

/** Black-76 from the WebAssembly kernel, all options of a book in one call. A leg it refuses comes back as NaN. */
export function createKernelLegPricer(): LegPricer {
  let legs: LegBatch | undefined;
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

function fill(legs: LegBatch, batch: OptionBatch, rate: number): void {
  for (let index = 0; index < batch.count; index += 1) {
    legs.isCall[index] = (batch.side[index] ?? 0) > 0 ? 1 : 0;
    legs.underlying[index] = batch.forward[index] ?? Number.NaN;
    legs.strike[index] = batch.strike[index] ?? Number.NaN;
    legs.expiryYears[index] = batch.years[index] ?? Number.NaN;
    legs.volatility[index] = batch.volatility[index] ?? Number.NaN;
    legs.rate[index] = rate;
    legs.carry[index] = 0;
    legs.quantity[index] = 1;
  }
}

function columnsOf(legs: LegBatch): OptionColumns {
  const { value, delta, gamma, vega, theta, vanna, volga } = legs;
  return { value, delta, gamma, vega, theta, vanna, volga };
}
