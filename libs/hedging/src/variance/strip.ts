import type { InstrumentId } from '@evenkeel/instruments';
import { PricingError, fairVarianceByReplication } from '@evenkeel/pricing';
import type { ReplicationRequest, VarianceReplication } from '@evenkeel/pricing';
import type { HedgeInstrument } from '../hedge-instrument';

/** An option of one expiry that a strip may be built from. */
export interface StripOption {
  readonly instrument: HedgeInstrument;
  readonly strike: number;
  readonly type: 'call' | 'put';
}

export interface VarianceStrip {
  readonly replication: VarianceReplication;
  /** Options per unit of annualised variance. */
  readonly legs: readonly { readonly option: StripOption; readonly weight: number }[];
}

export function stripOptionOf(instrument: HedgeInstrument): StripOption | undefined {
  const { optionType, strikeNumber } = instrument.contract;
  return optionType === undefined ? undefined : { instrument, strike: strikeNumber, type: optionType };
}

/** `27FEB26` of `BTC-27FEB26-95000-C@deribit`; empty for what is no option. */
export function expiryOf(id: InstrumentId): string {
  return /^[A-Z_]+-(\d{1,2}[A-Z]{3}\d{2})-/.exec(id)?.[1] ?? '';
}

/**
 * The strip of these options that replicates variance until their expiry. A strike quoted only on the other side of the money takes that side: parity's forward
 * is left to the delta hedge. The outermost strikes end the last segments and carry no option. Undefined with fewer than four strikes, and where they
 * do not reach the forward: a strip whose variance is not positive replicates none.
 */
export function varianceStrip(options: readonly StripOption[], forward: number): VarianceStrip | undefined {
  const byStrike = new Map<number, StripOption[]>();
  for (const option of options) byStrike.set(option.strike, [...(byStrike.get(option.strike) ?? []), option]);
  const strikes = [...byStrike.keys()].sort((a, b) => a - b);
  const years = options[0]?.instrument.expiryYears ?? 0;
  if (strikes.length < 4 || !(years > 0) || !(forward > 0)) return undefined;
  const at = (strike: number): readonly StripOption[] => byStrike.get(strike) ?? [];
  const replication = replicationOf({
    spot: forward,
    rate: 0,
    years,
    strikes,
    volatilityAt: (strike) => at(strike)[0]?.instrument.volatility ?? Number.NaN,
  });
  if (replication === undefined) return undefined;
  const legs = replication.strip.flatMap(({ strike, type, weight }) => {
    const option = at(strike).find((entry) => entry.type === type) ?? at(strike)[0];
    return option === undefined ? [] : [{ option, weight }];
  });
  return { replication, legs };
}

function replicationOf(request: ReplicationRequest): VarianceReplication | undefined {
  try {
    const replication = fairVarianceByReplication(request);
    return replication.fairVariance > 0 ? replication : undefined;
  } catch (error) {
    if (error instanceof PricingError && error.code === 'PRICING.NEGATIVE_VARIANCE') return undefined;
    throw error;
  }
}
