/** Integers that wrap as the contract's do. */
export const uint128 = (value: bigint): bigint => BigInt.asUintN(128, value);
export const uint160 = (value: bigint): bigint => BigInt.asUintN(160, value);
export const uint256 = (value: bigint): bigint => BigInt.asUintN(256, value);
