import type { Exposure } from '@evenkeel/facts';
import type { MarketView } from './market-view';
import { spotCondition } from './market-view';
import type { BookState } from './state';
import { HELD_NUMBERS, unsigned } from './valuation';
import { deltaAt, valueAt } from './valued-legs';
import type { ValuedLegs } from './valued-legs';

/** Coin and dollar holdings of a book, all lines of cash together, as doubles. */
export type Balances = ReadonlyMap<string, number>;

/** The legs of an account, and the book's part of those that are not its own alone; the rest of them are hedges. */
export interface Sides {
  readonly all: ValuedLegs;
  readonly own: ValuedLegs;
}

interface Sums {
  /** Of contracts that only the book holds, and of the others, whoever they are of: delta depends on no division. */
  optionDelta: number;
  hedgeDelta: number;
  /** The book's part of the others. */
  ownDelta: number;
  balanceDelta: number;
  gamma: number;
  vega: number;
  theta: number;
  vanna: number;
  volga: number;
  vegaSize: number;
  vegaVolatility: number;
  gammaSize: number;
  gammaYears: number;
}

function noSums(): Sums {
  return {
    optionDelta: 0,
    hedgeDelta: 0,
    ownDelta: 0,
    balanceDelta: 0,
    gamma: 0,
    vega: 0,
    theta: 0,
    vanna: 0,
    volga: 0,
    vegaSize: 0,
    vegaVolatility: 0,
    gammaSize: 0,
    gammaYears: 0,
  };
}

/**
 * Sensitivities of the whole account to each underlying's spot, in the numeraire.
 *
 * With a dollar numeraire delta is ∂V/∂S and gamma ∂²V/∂S². With a coin numeraire the account is A = V/S_n coin; delta of
 * underlying u is S_n·∂A/∂S_u in units of u, which for the numeraire coin itself is ∂V/∂S − A: what the account gains in
 * coin per unit of relative move. Gamma is ∂delta/∂S (USD), vega, theta and volga are in the numeraire, vanna is ∂delta/∂σ
 * of the underlying's own volatilities. Other underlyings' spots, every basis and every volatility are held.
 */
export function exposuresOf(
  book: BookState,
  { all, own }: Sides,
  balances: Balances,
  underlyings: readonly string[],
  market: MarketView,
  numeraireUsd: number,
): Exposure[] {
  const sums = new Map<string, Sums>(underlyings.map((name) => [name, noSums()]));
  const account: Account = { options: 0, hedges: 0, own: 0, balances: 0 };
  addAll(sums, account, all);
  addOwn(sums, account, own);
  for (const [currency, amount] of balances) {
    // A coin without a price counts in units; that it is in no value stands among the unpriced.
    const price = market.dollarsPer(currency);
    if (price !== undefined) account.balances += amount * price;
    const into = sums.get(currency);
    if (into !== undefined) into.balanceDelta += amount;
  }
  return underlyings.map((underlying) => {
    const into = sums.get(underlying) ?? noSums();
    if (underlying === book.numeraire) translate(into, account, numeraireUsd);
    return exposureOf(underlying, into, numeraireUsd, market);
  });
}

/** USD. */
interface Account {
  options: number;
  hedges: number;
  /** The book's part of `hedges`. */
  own: number;
  balances: number;
}

type BySums = ReadonlyMap<string, Sums>;

/** All legs, in their order. Those of underlyings that the account has no exposure to are only watched, so that they add nothing. */
function addAll(sums: BySums, account: Account, all: ValuedLegs): void {
  const { plan, sheet, held } = all;
  const { terms, quotes, years } = sheet;
  const ofUnderlying = terms.underlyings.map((name) => sums.get(name));
  for (let place = 0; place < plan.legs.length; place += 1) {
    const leg = plan.legs[place];
    const row = plan.rowOf[place] ?? -1;
    const into =
      row < 0 ? sums.get(leg?.contract.underlying ?? '') : ofUnderlying[terms.underlying[row] ?? 0];
    if (into === undefined) continue;
    const value = valueAt(all, place);
    const delta = deltaAt(all, place);
    if (leg?.isOwn === true) {
      account.options += value;
      into.optionDelta += delta;
    } else {
      account.hedges += value;
      into.hedgeDelta += delta;
    }
    if (row < 0) continue; // of gamma, vega, theta, vanna and volga it has none
    const at = row * HELD_NUMBERS;
    const gamma = held[at + 2] ?? 0;
    const vega = held[at + 3] ?? 0;
    into.gamma += gamma;
    into.vega += vega;
    into.theta += held[at + 4] ?? 0;
    into.vanna += held[at + 5] ?? 0;
    into.volga += held[at + 6] ?? 0;
    into.vegaSize += Math.abs(vega);
    into.vegaVolatility += Math.abs(vega) * (quotes.volatility[row] ?? 0);
    into.gammaSize += Math.abs(gamma);
    into.gammaYears += Math.abs(gamma) * (years[terms.expiry[row] ?? 0] ?? 0);
  }
}

function addOwn(sums: BySums, account: Account, own: ValuedLegs): void {
  own.plan.legs.forEach(({ contract }, place) => {
    const into = sums.get(contract.underlying);
    if (into === undefined) return;
    account.own += valueAt(own, place);
    into.ownDelta += deltaAt(own, place);
  });
}

/** Measuring the account in the coin itself: everything it is worth falls in coin as the coin rises. */
function translate(into: Sums, account: Account, numeraireUsd: number): void {
  into.optionDelta -= account.options / numeraireUsd;
  into.hedgeDelta -= account.hedges / numeraireUsd;
  into.ownDelta -= account.own / numeraireUsd;
  into.balanceDelta -= account.balances / numeraireUsd;
  const delta = into.optionDelta + into.hedgeDelta + into.balanceDelta;
  into.gamma -= delta / numeraireUsd;
  into.vanna -= into.vega / numeraireUsd;
}

function exposureOf(underlying: string, into: Sums, numeraireUsd: number, market: MarketView): Exposure {
  const spot = market.spot(underlying);
  return {
    underlying,
    // Nought says that it has none, and its status then HALTED.
    spot: spot === undefined ? 0 : spot.price / numeraireUsd,
    spotStatus: spotCondition(market, underlying).status,
    delta: unsigned(into.optionDelta + into.balanceDelta + into.hedgeDelta),
    optionDelta: unsigned(into.optionDelta + into.ownDelta),
    balanceDelta: unsigned(into.balanceDelta),
    hedgeDelta: unsigned(into.hedgeDelta - into.ownDelta),
    gamma: unsigned(into.gamma),
    vega: unsigned(into.vega / numeraireUsd),
    theta: unsigned(into.theta / numeraireUsd),
    vanna: unsigned(into.vanna),
    volga: unsigned(into.volga / numeraireUsd),
    volatility: into.vegaSize > 0 ? into.vegaVolatility / into.vegaSize : 0,
    expiryYears: into.gammaSize > 0 ? into.gammaYears / into.gammaSize : 0,
  };
}
