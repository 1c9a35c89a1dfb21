// Layout of a batch: columns of doubles, `stride` bytes apart, in this order from the base address;
// outputs follow in the order of greeks.ts. The typed door mirrors it.
export const IS_CALL: i32 = 0;
export const UNDERLYING: i32 = 1;
export const STRIKE: i32 = 2;
export const EXPIRY: i32 = 3;
export const VOLATILITY: i32 = 4;
export const RATE: i32 = 5;
export const CARRY: i32 = 6;
export const QUANTITY: i32 = 7;
export const PRICE: i32 = 8;
export const STATUS: i32 = 9;
export const FIRST_OUTPUT: i32 = 10;

/** Address of a column's entry, `at` being the address of the same entry in the first column. */
@inline
export function column(at: usize, stride: usize, index: i32): usize {
  return at + <usize>index * stride;
}

@inline
export function entry(base: usize, index: i32): usize {
  return base + ((<usize>index) << 3);
}
