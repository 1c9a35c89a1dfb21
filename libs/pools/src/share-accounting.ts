/**
 * Shares of a vault after ERC-4626 with virtual shares and one virtual unit of assets (OpenZeppelin): integers of the smallest
 * units, every rounding in favour of the vault. With a decimals offset of δ whoever donates to an empty vault to steal a deposit by
 * rounding loses about 10^δ times what is lost to the depositor.
 */
export interface VaultShares {
  /** Assets of the vault, smallest units; not negative. */
  readonly assets: bigint;
  /** Shares outstanding, smallest units; not negative. */
  readonly supply: bigint;
  /** δ: shares have this many decimals more than the asset. */
  readonly decimalsOffset: number;
}

function virtualShares(vault: VaultShares): bigint {
  return vault.supply + BigInt(`1${'0'.repeat(vault.decimalsOffset)}`);
}

function divideUp(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b;
}

/** Shares for exactly these assets: rounded down. */
export function previewDeposit(vault: VaultShares, assets: bigint): bigint {
  return (assets * virtualShares(vault)) / (vault.assets + 1n);
}

/** Assets for exactly these shares: rounded up. */
export function previewMint(vault: VaultShares, shares: bigint): bigint {
  return divideUp(shares * (vault.assets + 1n), virtualShares(vault));
}

/** Shares burnt for exactly these assets: rounded up. */
export function previewWithdraw(vault: VaultShares, assets: bigint): bigint {
  return divideUp(assets * virtualShares(vault), vault.assets + 1n);
}

/** Assets for burning exactly these shares: rounded down. */
export function previewRedeem(vault: VaultShares, shares: bigint): bigint {
  return (shares * (vault.assets + 1n)) / virtualShares(vault);
}

const BASIS = 10_000n;

/** Fee contained in an amount that includes it, rounded up: assets × bp ÷ (10,000 + bp). */
export function feeWithin(amount: bigint, basisPoints: bigint): bigint {
  return divideUp(amount * basisPoints, BASIS + basisPoints);
}

/** Fee to be added to an amount that does not include it, rounded up: assets × bp ÷ 10,000. */
export function feeOnTop(amount: bigint, basisPoints: bigint): bigint {
  return divideUp(amount * basisPoints, BASIS);
}
