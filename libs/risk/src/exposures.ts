import type { Exposure } from '@evenkeel/facts';
import type { LegInputs, LegTerms } from './leg-selection';
import type { MarketView } from './market-view';
import { spotCondition } from './market-view';
import type { BookState } from './state';
import type { DollarLeg } from './valuation';
import { unsigned } from './valuation';

/** Coin and dollar holdings of a book, all lines of cash together, as doubles. */
export type Balances = ReadonlyMap<string, number>;

/** The legs of an account, and whose they are. */
export interface Sides<Leg extends LegInputs = LegInputs> {
  readonly all: readonly DollarLeg<Leg>[];
  /** True of contracts that only the book holds. */
  readonly isOwn: (contract: LegTerms) => boolean;
  /** The book's part of the others; the rest of them are hedges. */
  readonly own: readonly DollarLeg<Leg>[];
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
  { all, isOwn, own }: Sides,
  balances: Balances,
  underlyings: readonly string[],
  market: MarketView,
  numeraireUsd: number,
): Exposure[] {
  const sums = new Map<string, Sums>(underlyings.map((name) => [name, noSums()]));
  const account: Account = { options: 0, hedges: 0, own: 0, balances: 0 };
  for (const priced of all) {
    const { contract } = priced.leg;
    const into = sums.get(contract.underlying);
    if (into === undefined) continue;
    const ofBook = isOwn(contract);
    if (ofBook) account.options += priced.value;
    else account.hedges += priced.value;
    addLeg(into, priced, ofBook);
  }
  for (const { leg, value, delta } of own) {
    const into = sums.get(leg.contract.underlying);
    if (into === undefined) continue;
    account.own += value;
    into.ownDelta += delta;
  }
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

function addLeg(into: Sums, priced: DollarLeg, ofBook: boolean): void {
  if (ofBook) into.optionDelta += priced.delta;
  else into.hedgeDelta += priced.delta;
  into.gamma += priced.gamma;
  into.vega += priced.vega;
  into.theta += priced.theta;
  into.vanna += priced.vanna;
  into.volga += priced.volga;
  if (priced.leg.contract.kind !== 'option') return;
  const vega = Math.abs(priced.vega);
  const gamma = Math.abs(priced.gamma);
  into.vegaSize += vega;
  into.vegaVolatility += vega * (priced.leg.mark.mark.volatility ?? 0);
  into.gammaSize += gamma;
  into.gammaYears += gamma * priced.leg.years;
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
