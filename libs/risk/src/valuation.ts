import type { LegValuation } from '@evenkeel/facts';
import type { LegPricer, OptionBatch, OptionColumns } from './leg-pricer';
import { createOptionBatch } from './leg-pricer';
import type { PriceableLeg } from './leg-selection';
import { unrealisedNumber } from './position';

/**
 * One leg in USD, quantity included: value, and derivatives by the underlying's composite spot with the basis (forward or
 * contract price over spot), the volatility and every other underlying held.
 */
export interface DollarLeg {
  readonly leg: PriceableLeg;
  /** Value per contract in the settlement currency. */
  readonly unitValue: number;
  readonly forward: number;
  readonly value: number;
  readonly delta: number;
  readonly gamma: number;
  readonly vega: number;
  readonly theta: number;
  readonly vanna: number;
  readonly volga: number;
}

let scratch: OptionBatch = createOptionBatch(64);

/** Values legs in order; options go to the pricer in one batch. */
export function valueLegs(legs: readonly PriceableLeg[], pricer: LegPricer, rate: number): DollarLeg[] {
  if (scratch.side.length < legs.length) scratch = createOptionBatch(legs.length * 2);
  const batch = scratch;
  batch.count = 0;
  for (const leg of legs) if (leg.terms.kind === 'option') pushOption(batch, leg);
  const columns = batch.count === 0 ? undefined : pricer.price(batch, rate);
  let row = 0;
  return legs.map((leg) => {
    if (leg.terms.kind !== 'option' || columns === undefined) return valueLinear(leg);
    row += 1;
    return scaleOption(leg, columns, row - 1);
  });
}

function pushOption(batch: OptionBatch, leg: PriceableLeg): void {
  const index = batch.count;
  batch.side[index] = leg.terms.optionType === 'call' ? 1 : -1;
  batch.forward[index] = leg.basis * leg.spot;
  batch.strike[index] = leg.terms.strikeNumber;
  batch.volatility[index] = leg.mark.mark.volatility ?? Number.NaN;
  batch.years[index] = leg.years;
  batch.count += 1;
}

const NO_GREEKS = { value: 0, delta: 0, gamma: 0, vega: 0, theta: 0, vanna: 0, volga: 0 };

/**
 * From derivatives by the forward F = b·S to derivatives by spot S. A coin-settled option is worth V(F)/F coin (the venue's
 * own convention), so V(F)·S/F = V(bS)/b USD; a linear one V(bS) USD.
 */
function scaleOption(leg: PriceableLeg, columns: OptionColumns, row: number): DollarLeg {
  const { basis, spot, terms, position } = leg;
  const forward = basis * spot;
  const size = position.contracts * terms.sizeNumber;
  const at = columns.value[row] ?? Number.NaN;
  const unitValue = (terms.inverse ? at / forward : at) * terms.sizeNumber;
  // Watched, not held: nothing but its inputs (and no negative zeros on the record).
  if (size === 0) return { leg, unitValue, forward, ...NO_GREEKS };
  const outer = terms.inverse ? size / basis : size;
  return {
    leg,
    unitValue,
    forward,
    value: outer * at,
    delta: outer * basis * (columns.delta[row] ?? Number.NaN),
    gamma: outer * basis * basis * (columns.gamma[row] ?? Number.NaN),
    vega: outer * (columns.vega[row] ?? Number.NaN),
    theta: outer * (columns.theta[row] ?? Number.NaN),
    vanna: outer * basis * (columns.vanna[row] ?? Number.NaN),
    volga: outer * (columns.volga[row] ?? Number.NaN),
  };
}

/** Spot holdings at their own price; perpetuals and futures at their unrealised profit. */
function valueLinear(leg: PriceableLeg): DollarLeg {
  const { terms, position, basis, spot } = leg;
  const price = leg.mark.price;
  const none = { leg, forward: price, gamma: 0, vega: 0, theta: 0, vanna: 0, volga: 0 };
  const size = position.contracts * terms.sizeNumber;
  if (terms.kind === 'spot')
    return { ...none, unitValue: price * terms.sizeNumber, value: size * price, delta: size * basis };
  const profit = unrealisedNumber(terms, position, price);
  const unitValue = profit / position.contracts;
  if (!terms.inverse) return { ...none, unitValue, value: profit, delta: size * basis };
  // Coin profit entry − size/(b·S) is worth entry·S − size/b USD: linear in S.
  return { ...none, unitValue, value: profit * spot, delta: position.entryNumber };
}

/** The leg as the record shows it, in the numeraire (`numeraireUsd` dollars each). */
export function legValuationOf(priced: DollarLeg, numeraire: string, numeraireUsd: number): LegValuation {
  const { leg } = priced;
  const { terms, position, mark } = leg;
  const isOption = terms.kind === 'option';
  const value = priced.value / numeraireUsd;
  const vega = priced.vega / numeraireUsd;
  const inOwnCoin = terms.underlying === numeraire;
  const delta = inOwnCoin ? priced.delta - value : priced.delta;
  return {
    instrument: terms.id,
    quantity: position.quantity,
    kind: terms.kind,
    underlying: terms.underlying,
    value,
    unitValue: priced.unitValue,
    forward: priced.forward,
    strike: terms.strikeNumber,
    volatility: isOption ? (mark.mark.volatility ?? 0) : 0,
    volatilityTime: isOption ? mark.mark.eventTime : '',
    expiryYears: leg.years,
    delta,
    gamma: inOwnCoin ? priced.gamma - delta / leg.spot : priced.gamma,
    vega,
    theta: priced.theta / numeraireUsd,
    vanna: inOwnCoin ? priced.vanna - vega : priced.vanna,
    volga: priced.volga / numeraireUsd,
  };
}
