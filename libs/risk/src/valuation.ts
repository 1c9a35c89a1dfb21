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

/** How many numbers stand for what is held in a row of them: those of `HeldGreeks`, in their order. */
export const HELD_NUMBERS = 7;

/** What is held of an option, in USD, from the Greeks of one unit of it by its forward (`writeInDollars`). */
export function optionInDollars(
  { coinSettled, sizeNumber }: Pick<Contract, 'coinSettled' | 'sizeNumber'>,
  contracts: number,
  basis: number,
  unit: HeldGreeks,
): HeldGreeks {
  const row = new Float64Array(HELD_NUMBERS);
  writeInDollars(row, 0, rowOf(unit), contracts * sizeNumber, coinSettled, basis);
  return heldIn(row);
}

/**
 * From derivatives by the forward F = b·S to derivatives by spot S, of so many units of the underlying. A coin-settled option is
 * worth V(F)/F coin (the venue's own convention), so V(F)·S/F = V(bS)/b USD; a linear one V(bS) USD.
 */
export function writeInDollars(
  into: Float64Array,
  at: number,
  unit: Float64Array,
  size: number,
  coinSettled: boolean,
  basis: number,
): void {
  const outer = coinSettled ? size / basis : size;
  into[at] = outer * (unit[0] ?? 0);
  into[at + 1] = outer * basis * (unit[1] ?? 0);
  into[at + 2] = outer * basis * basis * (unit[2] ?? 0);
  into[at + 3] = outer * (unit[3] ?? 0);
  into[at + 4] = outer * (unit[4] ?? 0);
  into[at + 5] = outer * basis * (unit[5] ?? 0);
  into[at + 6] = outer * (unit[6] ?? 0);
}

/** From USD to the numeraire (`writeInNumeraire`). */
export function inNumeraire(
  dollars: HeldGreeks,
  { spotUsd, numeraireUsd, ownCoin }: GreekMarket,
): HeldGreeks {
  const row = new Float64Array(HELD_NUMBERS);
  writeInNumeraire(row, rowOf(dollars), 0, spotUsd, numeraireUsd, ownCoin);
  return heldIn(row);
}

/** From USD, from a place on, to the numeraire. In its own coin a leg is worth value ÷ spot, and its derivatives are of that. */
export function writeInNumeraire(
  into: Float64Array,
  dollars: Float64Array,
  from: number,
  spotUsd: number,
  numeraireUsd: number,
  ownCoin: boolean,
): void {
  const value = (dollars[from] ?? 0) / numeraireUsd;
  const ofDollar = dollars[from + 1] ?? 0;
  const delta = ownCoin ? ofDollar - value : ofDollar;
  const gamma = dollars[from + 2] ?? 0;
  const vega = (dollars[from + 3] ?? 0) / numeraireUsd;
  const vanna = dollars[from + 5] ?? 0;
  into[0] = value;
  into[1] = delta;
  into[2] = ownCoin ? gamma - delta / spotUsd : gamma;
  into[3] = vega;
  into[4] = (dollars[from + 4] ?? 0) / numeraireUsd;
  into[5] = ownCoin ? vanna - vega : vanna;
  into[6] = (dollars[from + 6] ?? 0) / numeraireUsd;
}

function rowOf({ value, delta, gamma, vega, theta, vanna, volga }: HeldGreeks): Float64Array {
  return Float64Array.of(value, delta, gamma, vega, theta, vanna, volga);
}

function heldIn(row: Float64Array): HeldGreeks {
  const number = (place: number): number => row[place] ?? Number.NaN;
  return {
    value: number(0),
    delta: number(1),
    gamma: number(2),
    vega: number(3),
    theta: number(4),
    vanna: number(5),
    volga: number(6),
  };
}

/** A spot holding, perpetual or future in USD, quantity included; of gamma, vega, theta, vanna and volga it has none. */
export interface LinearLeg {
  readonly value: number;
  readonly delta: number;
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
    return {
      leg,
      price,
      spot,
      unitValue: price * contract.sizeNumber,
      value: size * price,
      delta: size * basis,
    };
  const profit = unrealisedPnlNumber(contract, position, price);
  const unitValue = profit / position.contracts;
  if (contract.payoff !== 'inverse')
    return { leg, price, spot, unitValue, value: profit, delta: size * basis };
  // Coin profit −size/(b·S) − basis is worth −size/b − basis·S USD: linear in S.
  return { leg, price, spot, unitValue, value: profit * spot, delta: -position.basisNumber };
}

/** The leg as the record shows it, in the numeraire (`numeraireUsd` dollars each). */
export function linearValuationOf(priced: LinearLeg, numeraire: string, numeraireUsd: number): LegValuation {
  const { leg, price, spot, unitValue } = priced;
  const { contract, position } = leg;
  const market = { spotUsd: spot, numeraireUsd, ownCoin: contract.underlying === numeraire };
  const dollars = {
    value: priced.value,
    delta: priced.delta,
    gamma: 0,
    vega: 0,
    theta: 0,
    vanna: 0,
    volga: 0,
  };
  const { value, delta, gamma, vega, theta, vanna, volga } = inNumeraire(dollars, market);
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
