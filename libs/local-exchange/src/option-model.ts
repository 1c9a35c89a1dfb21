import { NANOS_PER_YEAR } from '@evenkeel/kernel';
import { math, priceInverse } from '@evenkeel/pricing';

import type { SimInstrument } from './sim-instrument';

/** What the simulated exchange shows of an option: in what it is quoted in, per contract of one coin; volatility per √year. */
export interface OptionMark {
  readonly mark: number;
  readonly volatility: number;
  /** Of its expiry, USD per coin. */
  readonly forward: number;
  readonly delta: number;
}

const YEAR_MS = NANOS_PER_YEAR / 1e6;
const CARRY = 0.03;
const VOLATILITY = 0.48;
const SKEW = -0.06;
const SMILE = 0.05;

/** Black-76, in coin where the option is paid in coin, on a fixed smile in standardised log-moneyness ln(K/F) ÷ √T; at expiry its payoff. */
export function markOption(instrument: SimInstrument, spot: number, nowMs: number): OptionMark {
  const years = Math.max(0, ((instrument.expirationMs ?? nowMs) - nowMs) / YEAR_MS);
  const forward = Math.round(spot * math.exp(CARRY * years) * 100) / 100;
  const strike = Number(instrument.strike ?? '0');
  const x = years === 0 ? 0 : math.log(strike / forward) / Math.sqrt(years);
  const bounded = Math.min(3, Math.max(-3, x));
  const volatility =
    Math.round(VOLATILITY * (1 + SKEW * bounded + SMILE * bounded * bounded) * 10_000) / 10_000;
  const type = instrument.optionType ?? 'call';
  const value = priceInverse({ type, F: forward, K: strike, T: years, sigma: volatility });
  const quoted = instrument.inverse ? value.valueCoin : value.valueCoin * forward;
  return { mark: Math.round(quoted * 1e6) / 1e6, volatility, forward, delta: value.delta };
}
