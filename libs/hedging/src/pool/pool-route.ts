import { Decimal } from '@evenkeel/kernel';
import { PoolCurve } from '@evenkeel/pools';
import type { LivePool } from '@evenkeel/pools';
import type { Route } from '@evenkeel/routing';

/** A pool as a route for a hedge: what is bought or sold, in which units, and what it costs besides the pool's own price. */
export interface PoolRouteTerms {
  readonly instrument: string;
  readonly venue: string;
  readonly side: 'buy' | 'sell';
  /** The pool's token that a contract is one whole one of; the other token pays. */
  readonly base: 0 | 1;
  readonly decimals0: number;
  readonly decimals1: number;
  readonly lot: Decimal;
  readonly minQuantity: Decimal;
  /** No more is asked for. */
  readonly maxQuantity: Decimal;
  /** The price that costs count from (the composite's, never the pool's own), numeraire per contract. */
  readonly reference: number;
  /** Numeraire per whole token that pays. */
  readonly moneyPrice: number;
  readonly deltaPerContract: number;
  /** Gas of the swap, numeraire: paid once when the route is used at all. */
  readonly gas: number;
  /** Financing over the horizon per contract, numeraire (interest on what is borrowed to be sold or paid with); negative when received. */
  readonly carryPerContract: number;
}

/** The pool's curve as a route of `routeSplit`. The pool's fee is part of the curve. */
export function poolRoute(pool: LivePool, terms: PoolRouteTerms): Route {
  const { base, decimals0, decimals1, side, reference, moneyPrice, maxQuantity } = terms;
  const curve = PoolCurve.of(pool, { base, decimals0, decimals1, side, most: maxQuantity.toNumber() });
  // Bought dearer or sold cheaper than the reference is cost.
  const sign = side === 'buy' ? 1 : -1;
  return {
    instrument: terms.instrument,
    venue: terms.venue,
    side,
    lot: terms.lot,
    minQuantity: terms.minQuantity,
    maxQuantity,
    deltaPerContract: terms.deltaPerContract,
    notionalPerContract: reference,
    feeRate: 0,
    depth: [],
    curve: {
      // A hair less than all: lots are multiplied in doubles, and beyond the end there is no price.
      contracts: curve.most * (1 - 1e-9),
      cost: (contracts) => sign * (curve.money(contracts) * moneyPrice - reference * contracts),
      marginal: (contracts) => sign * (curve.marginal(contracts) * moneyPrice - reference),
      contractsAt: (marginal) => curve.amountAt(Math.max(0, reference + sign * marginal) / moneyPrice),
    },
    impactCoefficient: 0,
    fundingPerContract: terms.carryPerContract,
    basisVariance: 0,
    fixedCost: terms.gas,
    health: 'UP',
  };
}

/** A chosen quantity as the pool's contract would make it at this state, smallest units. */
export interface PoolQuote {
  readonly zeroForOne: boolean;
  /** As the contract takes it: exact out (negative) when buying, exact in when selling. */
  readonly amount: bigint;
  readonly taken: bigint;
  readonly given: bigint;
  /** Whole tokens that pay (buy) or are paid (sell), as a double for costs. */
  readonly money: number;
  /** The most to pay (rounded down) or the least to receive (rounded up): the quote and the collar. */
  readonly bound: bigint;
}

/**
 * The chosen quantity quoted again in integers, with the bound that goes on chain: `collar` is the fraction by which the price may
 * turn against us. Undefined where the pool cannot give all of it.
 */
export function requote(
  pool: LivePool,
  terms: PoolRouteTerms,
  quantity: Decimal,
  collar: number,
): PoolQuote | undefined {
  const { base, decimals0, decimals1, side } = terms;
  const buys = side === 'buy';
  const units = unitsOf(quantity, base === 0 ? decimals0 : decimals1);
  const zeroForOne = (base === 0) !== buys;
  const { taken, given } = pool.quote({ zeroForOne, amount: buys ? -units : units });
  if ((buys ? given : taken) !== units) return undefined;
  const money = buys ? taken : given;
  const parts = BigInt(Math.floor(collar * COLLAR_PARTS));
  const room = (money * parts) / BigInt(COLLAR_PARTS);
  return {
    zeroForOne,
    amount: buys ? -units : units,
    taken,
    given,
    money: Number(money) / Number(`1e${base === 0 ? decimals1 : decimals0}`),
    bound: buys ? money + room : money - room,
  };
}

const COLLAR_PARTS = 1e9;

function unitsOf(quantity: Decimal, decimals: number): bigint {
  const scale = Decimal.parse(`1${'0'.repeat(decimals)}`);
  return BigInt(quantity.times(scale).round(0, 'down').toString());
}
