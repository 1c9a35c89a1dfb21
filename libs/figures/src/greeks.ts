import { DAYS_PER_YEAR } from '@evenkeel/kernel';
import { amountText, quantityText } from './amount';

/** One unit for each Greek, wherever a person reads one. Raw units are those of `Exposure` and `LegValuation`. */

/** What a Greek is of. */
export interface GreekUnits {
  readonly underlying: string;
  /** USD per unit of the underlying; 0 where nobody knows: then what needs it is left out. */
  readonly spotUsd: number;
  readonly numeraire: string;
}

const PERCENT = 0.01;

/** `delta`: units of the underlying. Told in those, and in USD. */
export function deltaText(delta: number, { underlying, spotUsd }: GreekUnits): string {
  const units = quantityText(delta, underlying);
  return spotUsd > 0 ? `${units} (${amountText(delta * spotUsd, 'USD')})` : units;
}

/** `gamma`: units of the underlying for a move of 1 USD. Told as the delta in USD that a move of 1 % brings, and raw. */
export function gammaText(gamma: number, { underlying, spotUsd }: GreekUnits): string {
  const raw = `${quantityText(gamma, underlying)} per 1 USD`;
  return spotUsd > 0
    ? `${amountText(gamma * spotUsd * spotUsd * PERCENT, 'USD')} of delta per 1 % (${raw})`
    : raw;
}

/** `vega`: numeraire for 1.00 of volatility. Told for one volatility point, 0.01. */
export function vegaText(vega: number, { numeraire }: Pick<GreekUnits, 'numeraire'>): string {
  return `${amountText(vega * PERCENT, numeraire)} per vol point`;
}

/** `theta`: numeraire for a year. Told for one calendar day. */
export function thetaText(theta: number, { numeraire }: Pick<GreekUnits, 'numeraire'>): string {
  return `${amountText(theta / DAYS_PER_YEAR, numeraire)} per day`;
}
