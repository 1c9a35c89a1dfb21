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

/** Greeks that a loop over many contracts writes into again and again. */
export type MutableGreeks = { -readonly [Greek in keyof ContractGreeks]: ContractGreeks[Greek] };

/**
 * What one option bought now at its value, premium paid, brings to the account's Greeks. From derivatives by the forward F = b·S
 * to derivatives by spot S with the basis b held: a coin-settled option is worth V(F)/F coin (the venue's own convention), so
 * V(bS)/b USD, and costs that coin, so its delta is Black's less the premium (the venue's net transaction delta); a
 * dollar-settled one is worth V(bS).
 */
export function optionGreeks(
  { coinSettled, sizeNumber }: Pick<Contract, 'coinSettled' | 'sizeNumber'>,
  unit: UnitGreeks,
  forward: number,
  { spotUsd, numeraireUsd, ownCoin }: GreekMarket,
  into: MutableGreeks = {
    delta: Number.NaN,
    gamma: Number.NaN,
    vega: Number.NaN,
    theta: Number.NaN,
    vanna: Number.NaN,
  },
): ContractGreeks {
  const basis = forward / spotUsd;
  const outer = coinSettled ? sizeNumber / basis : sizeNumber;
  const premiumCoin = coinSettled ? (sizeNumber * unit.value) / forward : 0;
  const delta = outer * basis * unit.delta - premiumCoin;
  const vega = (outer * unit.vega) / numeraireUsd;
  into.delta = delta;
  into.gamma = outer * basis * basis * unit.gamma - (ownCoin ? delta / spotUsd : 0);
  into.vega = vega;
  into.theta = (outer * unit.theta) / numeraireUsd;
  into.vanna = outer * basis * unit.vanna - (ownCoin ? vega : 0);
  return into;
}
