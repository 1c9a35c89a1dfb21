import { Decimal, sum } from '@evenkeel/kernel';

/** Where a change of P&L came from, in the numeraire; the terms add up to the change exactly. */
export interface Terms<Amount> {
  /** Spot moving, at the delta of the interval's beginning; coin balances are part of it. */
  readonly delta: Amount;
  readonly gamma: Amount;
  readonly theta: Amount;
  readonly vega: Amount;
  /** Forward and volatility moving together. */
  readonly vanna: Amount;
  readonly volga: Amount;
  /** The delta that time took or gave, on the move of the forward. */
  readonly charm: Amount;
  /** Third-order terms of options, and volatility with time: speed, zomma, ultima, colour, veta. */
  readonly cross: Amount;
  /** The discount rate moving. */
  readonly rates: Amount;
  /** Forwards and contract prices moving against spot: what being financed through them cost or brought. */
  readonly basis: Amount;
  readonly funding: Amount;
  readonly fees: Amount;
  /** Fills against the price their decision saw, up to the touch: half spread and the wait. Paid is negative. */
  readonly slippage: Amount;
  /** Fills beyond the touch: what the order's own size cost. */
  readonly impact: Amount;
  /** Trades of the interval, from the price their decision saw (adopted positions: their own) to the mark at its end. */
  readonly newTrades: Amount;
  /** Expiring contracts, from their last valuation to the delivery price. */
  readonly settlement: Amount;
  /** What no term explains. */
  readonly residual: Amount;
}

export type AttributionTerm = keyof Terms<unknown>;

export type ExplainedTerm = Exclude<AttributionTerm, 'residual'>;

/** Explained amounts as they are added up. */
export type ExplainedSums = Record<ExplainedTerm, number>;

export function noSums(): ExplainedSums {
  return {
    delta: 0,
    gamma: 0,
    theta: 0,
    vega: 0,
    vanna: 0,
    volga: 0,
    charm: 0,
    cross: 0,
    rates: 0,
    basis: 0,
    funding: 0,
    fees: 0,
    slippage: 0,
    impact: 0,
    newTrades: 0,
    settlement: 0,
  };
}

// The keys of a record that has one per explained term.
const EXPLAINED_TERMS = Object.keys(noSums()) as ExplainedTerm[];

/** Every term, in the order in which they are shown. */
export const ATTRIBUTION_TERMS: readonly AttributionTerm[] = [...EXPLAINED_TERMS, 'residual'];

const DIGITS = 8;
const UNITS = 1e8;

/** The sums to eight digits, and what they leave of the total. Throws for an amount that is not finite. */
export function exactTerms(sums: ExplainedSums, total: Decimal): Terms<Decimal> {
  const terms: Record<AttributionTerm, Decimal> = { ...NOTHING };
  let explained = 0n;
  for (const term of EXPLAINED_TERMS) {
    if (sums[term] === 0) continue;
    const units = BigInt(Math.round(sums[term] * UNITS));
    explained += units;
    terms[term] = Decimal.ofUnits(units, DIGITS);
  }
  terms.residual = total.minus(Decimal.ofUnits(explained, DIGITS));
  return terms;
}

export function mapTerms<From, To>(terms: Terms<From>, change: (amount: From) => To): Terms<To> {
  const entries = ATTRIBUTION_TERMS.map((term) => [term, change(terms[term])] as const);
  // One entry per term.
  return Object.fromEntries(entries) as Record<AttributionTerm, To>;
}

export function plusTerms(a: Terms<Decimal>, b: Terms<Decimal>): Terms<Decimal> {
  const added: Record<AttributionTerm, Decimal> = { ...a };
  for (const term of ATTRIBUTION_TERMS) if (!b[term].isZero()) added[term] = a[term].plus(b[term]);
  return added;
}

/** Σ of the terms' sizes. */
export function grossOf(terms: Terms<Decimal>): Decimal {
  return sum(ATTRIBUTION_TERMS.map((term) => terms[term].abs()));
}

export const NOTHING: Terms<Decimal> = mapTerms({ ...noSums(), residual: 0 }, () => Decimal.ZERO);
