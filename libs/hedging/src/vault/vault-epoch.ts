import { previewDeposit, previewRedeem } from '@evenkeel/pools';
import type { VaultShares } from '@evenkeel/pools';
import { NANOS_PER_YEAR } from '@evenkeel/kernel';

/** What the manager may take. Parts per million; whole numbers, so that fees are exact. */
export interface VaultFees {
  /** Per year of net asset value: 20_000 is 2 %. */
  readonly managementPerYear: bigint;
  /** Of what a share gained above its high-water mark: 200_000 is 20 %. */
  readonly performance: bigint;
}

/** A vault between epochs: integers of smallest units. */
export interface VaultState {
  readonly supply: bigint;
  readonly decimalsOffset: number;
  /** Highest net price of a share at the end of any epoch, a fraction: assets ÷ shares, virtual ones included. */
  readonly highWater: { readonly assets: bigint; readonly shares: bigint };
  /** Shares by holder; the manager's fees are among them. */
  readonly holders: Readonly<Record<string, bigint>>;
  /** Epochs settled. */
  readonly epochs: number;
}

export type VaultFlow =
  | { readonly kind: 'deposit'; readonly holder: string; readonly assets: bigint }
  | { readonly kind: 'redeem'; readonly holder: string; readonly shares: bigint };

/** A request that could not be met. */
export interface RefusedFlow {
  readonly flow: VaultFlow;
  readonly reason: 'MORE_THAN_HELD' | 'NOTHING_MINTED';
}

export interface EpochSettlement {
  readonly state: VaultState;
  readonly managementFee: bigint;
  readonly performanceFee: bigint;
  readonly deposits: bigint;
  readonly payouts: bigint;
  /** Deposits less payouts: all that moves in or out of the book, and so all that is left to be hedged. */
  readonly net: bigint;
  /** Assets after fees and flows. */
  readonly assets: bigint;
  readonly refused: readonly RefusedFlow[];
}

export const MANAGER = 'manager';
const PARTS = 1_000_000n;
const YEAR_NANOS = BigInt(NANOS_PER_YEAR);

export function openVault(decimalsOffset: number): VaultState {
  const shares = BigInt(`1${'0'.repeat(decimalsOffset)}`);
  return { supply: 0n, decimalsOffset, highWater: { assets: 1n, shares }, holders: {}, epochs: 0 };
}

/**
 * Ends an epoch at net asset value `assets` (not negative): management fee for the time, performance fee on what the share price gained
 * above its high-water mark, both as new shares for the manager, rounded against the manager; then every deposit and redemption at
 * that one price, whatever their order, netted against each other.
 */
export function settleEpoch(
  before: VaultState,
  assets: bigint,
  elapsedNanos: bigint,
  fees: VaultFees,
  flows: readonly VaultFlow[],
): EpochSettlement {
  const year = YEAR_NANOS * PARTS;
  const earned = before.supply === 0n ? 0n : (assets * fees.managementPerYear * elapsedNanos) / year;
  const managementFee = earned > assets ? assets : earned;
  const managed = mintForFee(before, assets, managementFee);
  const performanceFee = performanceFeeOf(managed, assets, fees.performance);
  const charged = mintForFee(managed, assets, performanceFee);
  const price: VaultShares = sharesOf(charged, assets);
  const holders = { ...charged.holders };
  const refused: RefusedFlow[] = [];
  let [deposits, payouts, minted, burnt] = [0n, 0n, 0n, 0n];
  for (const flow of flows) {
    const held = holders[flow.holder] ?? 0n;
    if (flow.kind === 'deposit') {
      const shares = previewDeposit(price, flow.assets);
      if (shares <= 0n) {
        refused.push({ flow, reason: 'NOTHING_MINTED' });
        continue;
      }
      holders[flow.holder] = held + shares;
      deposits += flow.assets;
      minted += shares;
    } else if (flow.shares > heldBefore(charged, flow.holder, burntBy(flows, flow, refused))) {
      refused.push({ flow, reason: 'MORE_THAN_HELD' });
    } else {
      holders[flow.holder] = held - flow.shares;
      payouts += previewRedeem(price, flow.shares);
      burnt += flow.shares;
    }
  }
  const supply = charged.supply + minted - burnt;
  const after = { ...charged, supply, holders, epochs: before.epochs + 1 };
  const left = assets + deposits - payouts;
  return {
    state: { ...after, highWater: higher(before.highWater, priceOf(sharesOf(charged, assets))) },
    managementFee,
    performanceFee,
    deposits,
    payouts,
    net: deposits - payouts,
    assets: left,
    refused,
  };
}

/** Shares deposited in this very epoch are not there to be redeemed in it. */
function heldBefore(state: VaultState, holder: string, burnt: bigint): bigint {
  return (state.holders[holder] ?? 0n) - burnt;
}

function burntBy(flows: readonly VaultFlow[], until: VaultFlow, refused: readonly RefusedFlow[]): bigint {
  let sum = 0n;
  for (const flow of flows) {
    if (flow === until) break;
    const met = !refused.some((entry) => entry.flow === flow);
    if (flow.kind === 'redeem' && flow.holder === until.holder && met) sum += flow.shares;
  }
  return sum;
}

function sharesOf(state: VaultState, assets: bigint): VaultShares {
  return { assets, supply: state.supply, decimalsOffset: state.decimalsOffset };
}

interface Price {
  readonly assets: bigint;
  readonly shares: bigint;
}

/** Price of a share with the virtual unit and shares, as `share-accounting` has it. */
function priceOf(shares: VaultShares): Price {
  return {
    assets: shares.assets + 1n,
    shares: shares.supply + BigInt(`1${'0'.repeat(shares.decimalsOffset)}`),
  };
}

function higher(a: Price, b: Price): Price {
  return b.assets * a.shares > a.assets * b.shares ? b : a;
}

/** New shares for the manager that are worth at most the fee once they exist. */
function mintForFee(state: VaultState, assets: bigint, fee: bigint): VaultState {
  if (fee <= 0n) return state;
  const { shares } = priceOf(sharesOf(state, assets));
  const minted = (fee * shares) / (assets + 1n - fee);
  const held = state.holders[MANAGER] ?? 0n;
  return {
    ...state,
    supply: state.supply + minted,
    holders: { ...state.holders, [MANAGER]: held + minted },
  };
}

/** A part of what all shares together are worth above the high-water mark. */
function performanceFeeOf(state: VaultState, assets: bigint, parts: bigint): bigint {
  if (state.supply === 0n) return 0n;
  const { highWater } = state;
  const price = priceOf(sharesOf(state, assets));
  const mark = (highWater.assets * price.shares + highWater.shares - 1n) / highWater.shares;
  const gain = price.assets - mark;
  return gain > 0n ? (gain * parts) / PARTS : 0n;
}
