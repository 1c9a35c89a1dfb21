/** Fixed-point integers as the pool contracts keep them. All arithmetic is exact; the rounding is the contract's. */
export const Q96 = 1n << 96n;
export const Q128 = 1n << 128n;
export const MAX_UINT256 = (1n << 256n) - 1n;

/** ⌈a ÷ b⌉ of what is not negative. */
export function divideRoundingUp(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b;
}

/** ⌊√n⌋. */
export function integerSquareRoot(n: bigint): bigint {
  if (n < 2n) return n;
  let x = 1n << BigInt((n.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (x + n / x) >> 1n;
    if (next >= x) return x;
    x = next;
  }
}
