import { sha256, utf8 } from '@evenkeel/kernel';
import { standardNormalQuantile } from './normal-quantile';

/** 64 bits that a seed stands for; every draw is a pure function of the key, the path and the number of the draw. */
export interface RandomKey {
  readonly first: number;
  readonly second: number;
}

/** The key of a seed: the first eight bytes of its SHA-256. */
export function randomKey(seed: string): RandomKey {
  const digest = sha256(utf8(seed));
  const word = (at: number): number =>
    ((digest[at] ?? 0) << 24) |
    ((digest[at + 1] ?? 0) << 16) |
    ((digest[at + 2] ?? 0) << 8) |
    (digest[at + 3] ?? 0);
  return { first: word(0), second: word(4) };
}

const PARITY = 0x1bd11bda;
const TO_UNIT = 1 / 9_007_199_254_740_992;

// Signed, so that the engine keeps them as small integers and allocates nothing.
let high = 0;
let low = 0;

/**
 * Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror & Shaw 2011): a keyed bijection of the 64-bit counter, here (path, draw).
 * Leaves its two words in `high` and `low`.
 */
function threefry(k0: number, k1: number, c0: number, c1: number): void {
  const k2 = PARITY ^ k0 ^ k1;
  let a = (c0 + k0) | 0;
  let b = (c1 + k1) | 0;
  a = (a + b) | 0;
  b = ((b << 13) | (b >>> 19)) ^ a;
  a = (a + b) | 0;
  b = ((b << 15) | (b >>> 17)) ^ a;
  a = (a + b) | 0;
  b = ((b << 26) | (b >>> 6)) ^ a;
  a = (a + b) | 0;
  b = ((b << 6) | (b >>> 26)) ^ a;
  a = (a + k1) | 0;
  b = (b + k2 + 1) | 0;
  a = (a + b) | 0;
  b = ((b << 17) | (b >>> 15)) ^ a;
  a = (a + b) | 0;
  b = ((b << 29) | (b >>> 3)) ^ a;
  a = (a + b) | 0;
  b = ((b << 16) | (b >>> 16)) ^ a;
  a = (a + b) | 0;
  b = ((b << 24) | (b >>> 8)) ^ a;
  a = (a + k2) | 0;
  b = (b + k0 + 2) | 0;
  a = (a + b) | 0;
  b = ((b << 13) | (b >>> 19)) ^ a;
  a = (a + b) | 0;
  b = ((b << 15) | (b >>> 17)) ^ a;
  a = (a + b) | 0;
  b = ((b << 26) | (b >>> 6)) ^ a;
  a = (a + b) | 0;
  b = ((b << 6) | (b >>> 26)) ^ a;
  a = (a + k0) | 0;
  b = (b + k1 + 3) | 0;
  a = (a + b) | 0;
  b = ((b << 17) | (b >>> 15)) ^ a;
  a = (a + b) | 0;
  b = ((b << 29) | (b >>> 3)) ^ a;
  a = (a + b) | 0;
  b = ((b << 16) | (b >>> 16)) ^ a;
  a = (a + b) | 0;
  b = ((b << 24) | (b >>> 8)) ^ a;
  a = (a + k1) | 0;
  b = (b + k2 + 4) | 0;
  a = (a + b) | 0;
  b = ((b << 13) | (b >>> 19)) ^ a;
  a = (a + b) | 0;
  b = ((b << 15) | (b >>> 17)) ^ a;
  a = (a + b) | 0;
  b = ((b << 26) | (b >>> 6)) ^ a;
  a = (a + b) | 0;
  b = ((b << 6) | (b >>> 26)) ^ a;
  high = (a + k2) | 0;
  low = (b + k0 + 5) | 0;
}

/** Uniforms strictly between 0 and 1 (53 bits): draw number `draw` of paths `firstPath`, `firstPath` + 1, … */
export function fillUniforms(
  key: RandomKey,
  firstPath: number,
  draw: number,
  out: Float64Array,
  count: number,
): void {
  const { first, second } = key;
  for (let i = 0; i < count; i += 1) {
    threefry(first, second, firstPath + i, draw);
    out[i] = ((high >>> 5) * 67_108_864 + (low >>> 6) + 0.5) * TO_UNIT;
  }
}

/** Standard normals: the quantiles of the same uniforms. */
export function fillNormals(
  key: RandomKey,
  firstPath: number,
  draw: number,
  out: Float64Array,
  count: number,
): void {
  const { first, second } = key;
  for (let i = 0; i < count; i += 1) {
    threefry(first, second, firstPath + i, draw);
    out[i] = standardNormalQuantile(((high >>> 5) * 67_108_864 + (low >>> 6) + 0.5) * TO_UNIT);
  }
}
