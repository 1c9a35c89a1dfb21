import type { ContractGreeks } from '@evenkeel/facts';
import type { Contract } from '../contract/contract';

/** Where Greeks are measured. */
export interface GreekMarket {
  /** USD per unit of the underlying. */
  readonly spotUsd: number;
  /** USD per unit of the book's numeraire. */
  readonly numeraireUsd: number;
  /** True when the book is kept in the underlying itself. */
  readonly ownCoin: boolean;
}

/**
 * What one linear contract bought now at `price` brings to the account's Greeks. Linear and spot size × price ÷ spot (the basis
 * moves with spot); inverse size ÷ price, which is its delta in dollars and in coin alike because a new contract is worth nothing
 * yet. In its own coin a position's delta falls as the coin rises, though it is linear in dollars.
 */
export function linearGreeks(
  { payoff, sizeNumber }: Pick<Contract, 'payoff' | 'sizeNumber'>,
  price: number,
  { spotUsd, ownCoin }: GreekMarket,
): ContractGreeks {
  const delta = payoff === 'inverse' ? sizeNumber / price : (sizeNumber * price) / spotUsd;
  return { delta, gamma: ownCoin ? -delta / spotUsd : 0, vega: 0, theta: 0, vanna: 0 };
}

/** Black-76 per unit of the underlying in USD: value, and derivatives by the forward, per 1.00 of volatility, per year. */
export interface UnitGreeks {
  readonly value: number;
  readonly delta: number;
  readonly gamma: number;
  readonly vega: number;
  readonly theta: number;
  readonly vanna: number;
}

/** What one option bought now at its value, premium paid, brings to the account's Greeks (`writeOptionGreeks`). */
export function optionGreeks(
  { coinSettled, sizeNumber }: Pick<Contract, 'coinSettled' | 'sizeNumber'>,
  { value, delta, gamma, vega, theta, vanna }: UnitGreeks,
  forward: number,
  market: GreekMarket,
): ContractGreeks {
  const row = new Float64Array(5);
  const unit = Float64Array.of(value, delta, gamma, vega, theta, vanna);
  const { spotUsd, numeraireUsd, ownCoin } = market;
  writeOptionGreeks(row, 0, unit, coinSettled, sizeNumber, forward, spotUsd, numeraireUsd, ownCoin);
  const number = (place: number): number => row[place] ?? Number.NaN;
  return { delta: number(0), gamma: number(1), vega: number(2), theta: number(3), vanna: number(4) };
}

/**
 * Writes delta, gamma, vega, theta and vanna of one option bought now at its value, premium paid, from a place on. From
 * derivatives by the forward F = b·S (`unit`, in the order of `UnitGreeks`) to derivatives by spot S with the basis b held: a
 * coin-settled option is worth V(F)/F coin (the venue's own convention), so V(bS)/b USD, and costs that coin, so its delta is
 * Black's less the premium (the venue's net transaction delta); a dollar-settled one is worth V(bS).
 *
 * A row of numbers, since a book has thousands of them: as objects their numbers were kept in boxes, a tenth of all that a run
 * allocates.
 */
export function writeOptionGreeks(
  into: Float64Array,
  at: number,
  unit: Float64Array,
  coinSettled: boolean,
  size: number,
  forward: number,
  spotUsd: number,
  numeraireUsd: number,
  ownCoin: boolean,
): void {
  const basis = forward / spotUsd;
  const outer = coinSettled ? size / basis : size;
  const premiumCoin = coinSettled ? (size * (unit[0] ?? 0)) / forward : 0;
  const delta = outer * basis * (unit[1] ?? 0) - premiumCoin;
  const vega = (outer * (unit[3] ?? 0)) / numeraireUsd;
  into[at] = delta;
  into[at + 1] = outer * basis * basis * (unit[2] ?? 0) - (ownCoin ? delta / spotUsd : 0);
  into[at + 2] = vega;
  into[at + 3] = (outer * (unit[4] ?? 0)) / numeraireUsd;
  into[at + 4] = outer * basis * (unit[5] ?? 0) - (ownCoin ? vega : 0);
}
