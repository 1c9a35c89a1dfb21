// Sums and products with their rounding errors, for the few places where 53 bits are not enough.

/** What `twoProduct` and `twoSum` leave: the rounded result and exactly what rounding lost. */
export let productHigh: f64 = 0;
export let productLow: f64 = 0;
export let sumHigh: f64 = 0;
export let sumLow: f64 = 0;

/** a·b exactly as high + low (Dekker, Veltkamp splitting); |a|, |b| below 1e290. */
export function twoProduct(a: f64, b: f64): void {
  const p = a * b;
  const ca = 134217729.0 * a;
  const cb = 134217729.0 * b;
  const ah = ca - (ca - a);
  const bh = cb - (cb - b);
  const al = a - ah;
  const bl = b - bh;
  productHigh = p;
  productLow = ah * bh - p + ah * bl + al * bh + al * bl;
}

/** a + b exactly as high + low (Knuth). */
export function twoSum(a: f64, b: f64): void {
  const s = a + b;
  const c = s - a;
  sumHigh = s;
  sumLow = a - (s - c) + (b - c);
}
