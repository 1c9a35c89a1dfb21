// Random numbers of simulated paths: Threefry-2x32 with 20 rounds (Salmon, Moraes, Dror & Shaw 2011), a keyed bijection of the 64-bit
// counter (path, draw), four paths at a time. Every draw is a pure function of key, path and number of the draw.
import { pairAt } from '../math/lanes';
import { quantiles } from './quantile';

const PARITY: i32 = 0x1bd11bda;
const TO_UNIT: f64 = 1.0 / 9007199254740992.0;
const SHIFT_2: usize = memory.data<f64>([67108864.0, 67108864.0], 16);
const HALF_2: usize = memory.data<f64>([0.5, 0.5], 16);
const TO_UNIT_2: usize = memory.data<f64>([TO_UNIT, TO_UNIT], 16);
const NEXT_PATHS: usize = memory.data<i32>([0, 1, 2, 3], 16);

/** The second word after a round, from itself and the first word of the round. */
@inline
function mixed(word: v128, first: v128, rotation: i32): v128 {
  return v128.xor(v128.or(i32x4.shl(word, rotation), i32x4.shr_u(word, 32 - rotation)), first);
}

/** 53 bits of the two low 32-bit lanes of each word as uniforms strictly between 0 and 1. */
@inline
function unit(high: v128, low: v128): v128 {
  // Words of 27 and 26 bits are not negative: the signed conversion, one instruction, will do.
  const whole = f64x2.add(
    f64x2.mul(f64x2.convert_low_i32x4_s(high), pairAt(SHIFT_2)),
    f64x2.convert_low_i32x4_s(low),
  );
  return f64x2.mul(f64x2.add(whole, pairAt(HALF_2)), pairAt(TO_UNIT_2));
}

/** Uniforms strictly between 0 and 1: draw number `draw` of `count` paths from `firstPath` on; `count` is a multiple of four. */
export function pathUniforms(k0: i32, k1: i32, firstPath: i32, draw: i32, out: usize, count: i32): void {
  const k2 = PARITY ^ k0 ^ k1;
  for (let i = 0; i < count; i += 4) {
    let a = i32x4.add(i32x4.splat(firstPath + i), v128.load(NEXT_PATHS));
    let b = i32x4.splat(draw);
    a = i32x4.add(a, i32x4.splat(k0));
    b = i32x4.add(b, i32x4.splat(k1));
    a = i32x4.add(a, b);
    b = mixed(b, a, 13);
    a = i32x4.add(a, b);
    b = mixed(b, a, 15);
    a = i32x4.add(a, b);
    b = mixed(b, a, 26);
    a = i32x4.add(a, b);
    b = mixed(b, a, 6);
    a = i32x4.add(a, i32x4.splat(k1));
    b = i32x4.add(b, i32x4.splat(k2 + 1));
    a = i32x4.add(a, b);
    b = mixed(b, a, 17);
    a = i32x4.add(a, b);
    b = mixed(b, a, 29);
    a = i32x4.add(a, b);
    b = mixed(b, a, 16);
    a = i32x4.add(a, b);
    b = mixed(b, a, 24);
    a = i32x4.add(a, i32x4.splat(k2));
    b = i32x4.add(b, i32x4.splat(k0 + 2));
    a = i32x4.add(a, b);
    b = mixed(b, a, 13);
    a = i32x4.add(a, b);
    b = mixed(b, a, 15);
    a = i32x4.add(a, b);
    b = mixed(b, a, 26);
    a = i32x4.add(a, b);
    b = mixed(b, a, 6);
    a = i32x4.add(a, i32x4.splat(k0));
    b = i32x4.add(b, i32x4.splat(k1 + 3));
    a = i32x4.add(a, b);
    b = mixed(b, a, 17);
    a = i32x4.add(a, b);
    b = mixed(b, a, 29);
    a = i32x4.add(a, b);
    b = mixed(b, a, 16);
    a = i32x4.add(a, b);
    b = mixed(b, a, 24);
    a = i32x4.add(a, i32x4.splat(k1));
    b = i32x4.add(b, i32x4.splat(k2 + 4));
    a = i32x4.add(a, b);
    b = mixed(b, a, 13);
    a = i32x4.add(a, b);
    b = mixed(b, a, 15);
    a = i32x4.add(a, b);
    b = mixed(b, a, 26);
    a = i32x4.add(a, b);
    b = mixed(b, a, 6);
    a = i32x4.add(a, i32x4.splat(k2));
    b = i32x4.add(b, i32x4.splat(k0 + 5));
    const high = i32x4.shr_u(a, 5);
    const low = i32x4.shr_u(b, 6);
    const at = out + ((<usize>i) << 3);
    v128.store(at, unit(high, low));
    v128.store(at, unit(i32x4.shuffle(high, high, 2, 3, 2, 3), i32x4.shuffle(low, low, 2, 3, 2, 3)), 16);
  }
}

/** Standard normals: the quantiles of the same uniforms. */
export function pathNormals(k0: i32, k1: i32, firstPath: i32, draw: i32, out: usize, count: i32): void {
  pathUniforms(k0, k1, firstPath, draw, out, count);
  quantiles(out, count);
}
