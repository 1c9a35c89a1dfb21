import type { Decimal } from '@evenkeel/kernel';

/**
 * Margin rate of a position that grows with its size: base + increment × |size| (Deribit's linear perpetuals; size in coins).
 * Exact. Table `deribit_linear_perpetual_margin`.
 */
export function progressiveMarginRate(base: Decimal, increment: Decimal, size: Decimal): Decimal {
  return base.plus(increment.times(size.abs()));
}

/** Margin in coins and in the quote currency of a linear position of `size` coins at `price`. Exact. */
export function linearMargin(
  size: Decimal,
  price: Decimal,
  rate: Decimal,
): { readonly coin: Decimal; readonly quote: Decimal } {
  const coin = size.abs().times(rate);
  return { coin, quote: coin.times(price) };
}
