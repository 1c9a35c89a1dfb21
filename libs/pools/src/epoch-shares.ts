import { previewDeposit, previewRedeem } from './share-accounting';
import type { VaultShares } from './share-accounting';

/** Shares of an epoch vault have six decimals more than its asset. */
const DECIMALS_OFFSET = 6;
const VIRTUAL_SHARES = 1_000_000n;
const BASIS = 10_000n;
const YEAR_SECONDS = 31_536_000n;

/** `numerator` smallest units of the asset for `denominator` smallest units of shares, virtual ones included. */
export interface SharePrice {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** Price of a vault without holders. */
export const PAR: SharePrice = { numerator: 1n, denominator: VIRTUAL_SHARES };

export interface EpochTerms {
  /** A year, on all assets. */
  readonly managementBps: bigint;
  /** On what the price stands above its high-water mark. */
  readonly performanceBps: bigint;
  /** How far the price may be from that of the last settlement, either way. */
  readonly maxMoveBps: bigint;
}

/** What a vault is settled from. Assets and shares in smallest units. */
export interface ClosedEpoch {
  /** What the book holds, all of it. */
  readonly value: bigint;
  /** Assets of the holders that the vault has not sent to the book. */
  readonly idle: bigint;
  /** Owed to redeemers of settled epochs and not set aside. */
  readonly unfunded: bigint;
  /** Assets of the holders after the last settlement. */
  readonly lastAssets: bigint;
  readonly supply: bigint;
  readonly mark: SharePrice;
  /** Since the last settlement. */
  readonly elapsedSeconds: bigint;
  /** What waits for shares, and for assets. */
  readonly deposits: bigint;
  readonly redemptions: bigint;
}

export interface SettledEpoch {
  /** Of every request of the epoch: after fees, before its flows. */
  readonly price: SharePrice;
  readonly mark: SharePrice;
  readonly feeShares: bigint;
  /** Shares due to depositors, and assets owed to redeemers. */
  readonly minted: bigint;
  readonly owed: bigint;
  /** After the flows. */
  readonly assets: bigint;
  readonly supply: bigint;
  readonly idle: bigint;
  /** Set aside for those who are owed, by this settlement. */
  readonly funded: bigint;
}

export type EpochRefusal = 'INSOLVENT' | 'MOVED_TOO_FAR' | 'PRICE_OUT_OF_RANGE';

/**
 * One price for all requests of an epoch, and what flows net to: the arithmetic of contracts/src/EpochVault.sol, to the unit. Every
 * rounding is in favour of those who stay. What waits pays what is owed before anything goes to the book.
 */
export function settleEpoch(epoch: ClosedEpoch, terms: EpochTerms): SettledEpoch | EpochRefusal {
  if (epoch.value + epoch.idle < epoch.unfunded) return 'INSOLVENT';
  const struck = epoch.supply === 0n ? { assets: 0n, feeShares: 0n, mark: PAR } : strike(epoch, terms);
  if (typeof struck === 'string') return struck;
  const vault = sharesOf(struck.assets, epoch.supply + struck.feeShares);
  const minted = previewDeposit(vault, epoch.deposits);
  const owed = previewRedeem(vault, epoch.redemptions);
  const free = epoch.idle + epoch.deposits;
  const unfunded = epoch.unfunded + owed;
  const funded = free < unfunded ? free : unfunded;
  return {
    price: priceOf(vault),
    mark: struck.mark,
    feeShares: struck.feeShares,
    minted,
    owed,
    assets: vault.assets + epoch.deposits - owed,
    supply: vault.supply - epoch.redemptions + minted,
    idle: free - funded,
    funded,
  };
}

interface Strike {
  readonly assets: bigint;
  readonly feeShares: bigint;
  readonly mark: SharePrice;
}

function strike(epoch: ClosedEpoch, terms: EpochTerms): Strike | EpochRefusal {
  const assets = epoch.value + epoch.idle - epoch.unfunded;
  const allowed = ((epoch.lastAssets + 1n) * terms.maxMoveBps) / BASIS;
  if (assets > epoch.lastAssets + allowed || assets + allowed < epoch.lastAssets) return 'MOVED_TOO_FAR';
  const before = priceOf(sharesOf(assets, epoch.supply));
  const fee = feeOf(before, epoch, terms);
  const feeShares = (fee * before.denominator) / (before.numerator - fee);
  const after = { numerator: before.numerator, denominator: before.denominator + feeShares };
  if (after.numerator > after.denominator) return 'PRICE_OUT_OF_RANGE';
  return { assets, feeShares, mark: isHigher(after, epoch.mark) ? after : epoch.mark };
}

/** Management for the time gone, then performance above the mark; in asset units, rounded down. */
function feeOf(
  { numerator, denominator }: SharePrice,
  { mark, elapsedSeconds }: ClosedEpoch,
  terms: EpochTerms,
): bigint {
  const assets = numerator - 1n;
  const accrued = (assets * terms.managementBps * elapsedSeconds) / (BASIS * YEAR_SECONDS);
  const management = accrued < assets ? accrued : assets;
  const atMark = (mark.numerator * denominator + mark.denominator - 1n) / mark.denominator;
  const gain = numerator - management - atMark;
  return management + (gain > 0n ? (gain * terms.performanceBps) / BASIS : 0n);
}

function isHigher(a: SharePrice, b: SharePrice): boolean {
  return a.numerator * b.denominator > b.numerator * a.denominator;
}

function sharesOf(assets: bigint, supply: bigint): VaultShares {
  return { assets, supply, decimalsOffset: DECIMALS_OFFSET };
}

function priceOf({ assets, supply }: VaultShares): SharePrice {
  return { numerator: assets + 1n, denominator: supply + VIRTUAL_SHARES };
}
