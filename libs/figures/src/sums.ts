import { Decimal, sum } from '@evenkeel/kernel';
import { moneyText, printedAmount } from './amount';

/** A line of an account: its name and its exact amount. */
export type NamedAmount = readonly [name: string, amount: string];

/**
 * The parts, and `rounding` where their printed figures do not add up to the printed total. Each figure is rounded by itself,
 * so that it reads the same on every page; what that leaves over is a line of its own, as accounts show it, and hidden in none.
 */
export function withRounding(total: string, parts: readonly NamedAmount[], currency: string): NamedAmount[] {
  const printed = sum(parts.map(([, amount]) => printedAmount(Decimal.parse(amount), currency)));
  const rounding = printedAmount(Decimal.parse(total), currency).minus(printed);
  return rounding.isZero() ? [...parts] : [...parts, ['rounding', rounding.toString()]];
}

/** `options 11,249.84 USD + settlement −13,142.64 USD`: printed figures that add up to the printed total. */
export function sumText(total: string, parts: readonly NamedAmount[], currency: string): string {
  return withRounding(total, parts, currency)
    .map(([name, amount]) => `${name} ${moneyText(amount, currency)}`)
    .join(' + ');
}
