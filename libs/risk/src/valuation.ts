import type { LegValuation } from '@evenkeel/facts';
import { linearGreeks, unrealisedPnlNumber } from '@evenkeel/instruments';
import type { Contract, GreekMarket } from '@evenkeel/instruments';
import type { OpenLeg } from './open-book';

/** What is held of a contract: value, and derivatives by spot, volatility and years. */
export interface HeldGreeks {
  readonly value: number;
  readonly delta: number;
  readonly gamma: number;
  readonly vega: number;
  readonly theta: number;
  readonly vanna: number;
  readonly volga: number;
}

/**
 * From derivatives by the forward F = b·S to derivatives by spot S. A coin-settled option is worth V(F)/F coin (the venue's
 * own convention), so V(F)·S/F = V(bS)/b USD; a linear one V(bS) USD.
 */
export function optionInDollars(
  { coinSettled, sizeNumber }: Pick<Contract, 'coinSettled' | 'sizeNumber'>,
  contracts: number,
  basis: number,
  unit: HeldGreeks,
  into: MutableHeld = heldGreeks(),
): HeldGreeks {
  const size = contracts * sizeNumber;
  const outer = coinSettled ? size / basis : size;
  into.value = outer * unit.value;
  into.delta = outer * basis * unit.delta;
  into.gamma = outer * basis * basis * unit.gamma;
  into.vega = outer * unit.vega;
  into.theta = outer * unit.theta;
  into.vanna = outer * basis * unit.vanna;
  into.volga = outer * unit.volga;
  return into;
}

/** What a loop over many legs writes into again and again: an object a leg was an eighth of all that a run allocates. */
export type MutableHeld = { -readonly [Greek in keyof HeldGreeks]: HeldGreeks[Greek] };

export function heldGreeks(): MutableHeld {
  const none = Number.NaN;
  return { value: none, delta: none, gamma: none, vega: none, theta: none, vanna: none, volga: none };
}

/** From USD to the numeraire. In its own coin a leg is worth value ÷ spot, and its derivatives are of that. */
export function inNumeraire(
  dollars: HeldGreeks,
  { spotUsd, numeraireUsd, ownCoin }: GreekMarket,
  into: MutableHeld = heldGreeks(),
): HeldGreeks {
  const value = dollars.value / numeraireUsd;
  const vega = dollars.vega / numeraireUsd;
  const delta = ownCoin ? dollars.delta - value : dollars.delta;
  into.value = value;
  into.delta = delta;
  into.gamma = ownCoin ? dollars.gamma - delta / spotUsd : dollars.gamma;
  into.vega = vega;
  into.theta = dollars.theta / numeraireUsd;
  into.vanna = ownCoin ? dollars.vanna - vega : dollars.vanna;
  into.volga = dollars.volga / numeraireUsd;
  return into;
}

/** A spot holding, perpetual or future in USD, quantity included. */
export interface LinearLeg extends HeldGreeks {
  readonly leg: OpenLeg;
  readonly price: number;
  /** Composite spot of the underlying, USD. */
  readonly spot: number;
  /** Value per contract in the settlement currency. */
  readonly unitValue: number;
}

/** Spot holdings at their own price; perpetuals and futures at their unrealised profit. */
export function valueLinear(leg: OpenLeg, price: number, spot: number): LinearLeg {
  const { contract, position } = leg;
  // The contract's own price over spot: the basis that is held while spot moves.
  const basis = price / spot;
  const size = position.contracts * contract.sizeNumber;
  if (contract.kind === 'spot')
    return linearLeg(leg, price, spot, price * contract.sizeNumber, size * price, size * basis);
  const profit = unrealisedPnlNumber(contract, position, price);
  const unitValue = profit / position.contracts;
  if (contract.payoff !== 'inverse') return linearLeg(leg, price, spot, unitValue, profit, size * basis);
  // Coin profit −size/(b·S) − basis is worth −size/b − basis·S USD: linear in S.
  return linearLeg(leg, price, spot, unitValue, profit * spot, -position.basisNumber);
}

/** Written out: spread from a common part and added to, it costs thirty times as much, and every instant makes one for each leg. */
function linearLeg(
  leg: OpenLeg,
  price: number,
  spot: number,
  unitValue: number,
  value: number,
  delta: number,
): LinearLeg {
  return { leg, price, spot, unitValue, value, delta, gamma: 0, vega: 0, theta: 0, vanna: 0, volga: 0 };
}

/** The leg as the record shows it, in the numeraire (`numeraireUsd` dollars each). */
export function linearValuationOf(priced: LinearLeg, numeraire: string, numeraireUsd: number): LegValuation {
  const { leg, price, spot, unitValue } = priced;
  const { contract, position } = leg;
  const market = { spotUsd: spot, numeraireUsd, ownCoin: contract.underlying === numeraire };
  const { value, delta, gamma, vega, theta, vanna, volga } = inNumeraire(priced, market);
  const one = linearGreeks(contract, price, market);
  return {
    instrument: contract.id,
    quantity: position.quantity,
    kind: contract.kind,
    underlying: contract.underlying,
    value,
    unitValue,
    forward: price,
    strike: contract.strikeNumber,
    volatility: 0,
    volatilityTime: '',
    expiryYears: 0,
    delta,
    gamma,
    vega,
    theta,
    vanna,
    volga,
    perContract: {
      delta: unsigned(one.delta),
      gamma: unsigned(one.gamma),
      vega: unsigned(one.vega),
      theta: unsigned(one.theta),
      vanna: unsigned(one.vanna),
    },
  };
}

/** −0 and 0 are the same amount and must be the same bytes. */
export function unsigned(value: number): number {
  return value === 0 ? 0 : value;
}
