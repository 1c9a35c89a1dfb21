import type { ContractGreeks, LegValuation, OptionInputs } from '@evenkeel/facts';
import { linearGreeks, optionGreeks, unrealisedPnlNumber } from '@evenkeel/instruments';
import type { Contract, GreekMarket, UnitGreeks } from '@evenkeel/instruments';
import type { LegPricer, OptionBatch, OptionColumns } from './leg-pricer';
import { createOptionBatch } from './leg-pricer';
import type { LegInputs } from './leg-selection';

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
 * One leg in USD, quantity included: value, and derivatives by the underlying's composite spot with the basis (forward or
 * contract price over spot), the volatility and every other underlying held.
 */
export interface DollarLeg<Leg extends LegInputs = LegInputs> extends HeldGreeks {
  readonly leg: Leg;
  /** Value per contract in the settlement currency. */
  readonly unitValue: number;
  readonly forward: number;
  /** Black-76 of one unit of the underlying; undefined but for options. */
  readonly unit: UnitGreeks | undefined;
}

/** Values legs in order; options go to the pricer in one batch. */
export function valueLegs<Leg extends LegInputs>(
  legs: readonly Leg[],
  pricer: LegPricer,
  rate: number,
): DollarLeg<Leg>[] {
  const options = legs.filter(({ contract }) => contract.kind === 'option');
  const batch = createOptionBatch(options.length);
  for (const leg of options) pushOption(batch, leg);
  const columns = batch.count === 0 ? undefined : pricer.price(batch, rate);
  let row = 0;
  return legs.map((leg) => {
    if (leg.contract.kind !== 'option' || columns === undefined) return valueLinear(leg);
    row += 1;
    return scaleOption(leg, unitOf(columns, row - 1), columns.volga[row - 1] ?? Number.NaN);
  });
}

function pushOption(batch: OptionBatch, leg: LegInputs): void {
  const index = batch.count;
  batch.side[index] = leg.contract.optionType === 'call' ? 1 : -1;
  batch.forward[index] = leg.basis * leg.spot;
  batch.strike[index] = leg.contract.strikeNumber;
  batch.volatility[index] = leg.mark.mark.volatility ?? Number.NaN;
  batch.years[index] = leg.years;
  batch.count += 1;
}

function unitOf(columns: OptionColumns, row: number): UnitGreeks {
  return {
    value: columns.value[row] ?? Number.NaN,
    delta: columns.delta[row] ?? Number.NaN,
    gamma: columns.gamma[row] ?? Number.NaN,
    vega: columns.vega[row] ?? Number.NaN,
    theta: columns.theta[row] ?? Number.NaN,
    vanna: columns.vanna[row] ?? Number.NaN,
  };
}

const NO_GREEKS = { value: 0, delta: 0, gamma: 0, vega: 0, theta: 0, vanna: 0, volga: 0 };

function scaleOption<Leg extends LegInputs>(leg: Leg, unit: UnitGreeks, volga: number): DollarLeg<Leg> {
  const { basis, spot, contract, position } = leg;
  const forward = basis * spot;
  const unitValue = (contract.coinSettled ? unit.value / forward : unit.value) * contract.sizeNumber;
  // Watched, not held: nothing but what one contract would bring (and no negative zeros on the record).
  if (position.contracts === 0) return { leg, unitValue, forward, unit, ...NO_GREEKS };
  const held = optionInDollars(contract, position.contracts, basis, { ...unit, volga });
  return { leg, unitValue, forward, unit, ...held };
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
): HeldGreeks {
  const size = contracts * sizeNumber;
  const outer = coinSettled ? size / basis : size;
  return {
    value: outer * unit.value,
    delta: outer * basis * unit.delta,
    gamma: outer * basis * basis * unit.gamma,
    vega: outer * unit.vega,
    theta: outer * unit.theta,
    vanna: outer * basis * unit.vanna,
    volga: outer * unit.volga,
  };
}

/** From USD to the numeraire. In its own coin a leg is worth value ÷ spot, and its derivatives are of that. */
export function inNumeraire(
  dollars: HeldGreeks,
  { spotUsd, numeraireUsd, ownCoin }: GreekMarket,
): HeldGreeks {
  const value = dollars.value / numeraireUsd;
  const vega = dollars.vega / numeraireUsd;
  const delta = ownCoin ? dollars.delta - value : dollars.delta;
  return {
    value,
    delta,
    gamma: ownCoin ? dollars.gamma - delta / spotUsd : dollars.gamma,
    vega,
    theta: dollars.theta / numeraireUsd,
    vanna: ownCoin ? dollars.vanna - vega : dollars.vanna,
    volga: dollars.volga / numeraireUsd,
  };
}

/** Spot holdings at their own price; perpetuals and futures at their unrealised profit. */
function valueLinear<Leg extends LegInputs>(leg: Leg): DollarLeg<Leg> {
  const { contract, position, basis, spot } = leg;
  const price = leg.mark.price;
  const none = { leg, forward: price, unit: undefined, gamma: 0, vega: 0, theta: 0, vanna: 0, volga: 0 };
  const size = position.contracts * contract.sizeNumber;
  if (contract.kind === 'spot')
    return { ...none, unitValue: price * contract.sizeNumber, value: size * price, delta: size * basis };
  const profit = unrealisedPnlNumber(contract, position, price);
  const unitValue = profit / position.contracts;
  if (contract.payoff !== 'inverse') return { ...none, unitValue, value: profit, delta: size * basis };
  // Coin profit −size/(b·S) − basis is worth −size/b − basis·S USD: linear in S.
  return { ...none, unitValue, value: profit * spot, delta: -position.basisNumber };
}

/** The leg as the record shows it, in the numeraire (`numeraireUsd` dollars each). */
export function legValuationOf(priced: DollarLeg, numeraire: string, numeraireUsd: number): LegValuation {
  const { leg } = priced;
  const { contract, position, mark } = leg;
  const isOption = contract.kind === 'option';
  const market = { spotUsd: leg.spot, numeraireUsd, ownCoin: contract.underlying === numeraire };
  const { value, delta, gamma, vega, theta, vanna, volga } = inNumeraire(priced, market);
  return {
    instrument: contract.id,
    quantity: position.quantity,
    kind: contract.kind,
    underlying: contract.underlying,
    value,
    unitValue: priced.unitValue,
    forward: priced.forward,
    strike: contract.strikeNumber,
    volatility: isOption ? (mark.mark.volatility ?? 0) : 0,
    volatilityTime: isOption ? mark.mark.eventTime : '',
    expiryYears: leg.years,
    delta,
    gamma,
    vega,
    theta,
    vanna,
    volga,
    perContract: perContractOf(priced, market),
    ...(isOption ? { inputs: optionInputsOf(leg) } : {}),
  };
}

function optionInputsOf({ contract, mark, quotedSpot }: LegInputs): OptionInputs {
  return {
    optionType: contract.optionType === 'call' ? 'call' : 'put',
    contractSize: contract.sizeNumber,
    coinSettled: contract.coinSettled,
    quotedForward: mark.forward,
    quotedSpot,
  };
}

function perContractOf({ leg, unit, forward }: DollarLeg, market: GreekMarket): ContractGreeks {
  const greeks =
    unit === undefined
      ? linearGreeks(leg.contract, leg.mark.price, market)
      : optionGreeks(leg.contract, unit, forward, market);
  return {
    delta: unsigned(greeks.delta),
    gamma: unsigned(greeks.gamma),
    vega: unsigned(greeks.vega),
    theta: unsigned(greeks.theta),
    vanna: unsigned(greeks.vanna),
  };
}

/** −0 and 0 are the same amount and must be the same bytes. */
export function unsigned(value: number): number {
  return value === 0 ? 0 : value;
}
