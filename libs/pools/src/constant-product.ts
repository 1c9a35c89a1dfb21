/** What a constant-product (v2) pool pays for `amountIn`, its fee of `feeThousandths` taken first; rounded down. */
export function constantProductOut(
  amountIn: bigint,
  reserveIn: bigint,
  reserveOut: bigint,
  feeThousandths = 3n,
): bigint {
  const lessFee = amountIn * (1000n - feeThousandths);
  return (lessFee * reserveOut) / (reserveIn * 1000n + lessFee);
}
