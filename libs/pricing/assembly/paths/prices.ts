// Prices of simulated paths.
import { exp } from '../math/exponential';
import { exp2Lanes, pairAt } from '../math/lanes';

/** Where the two lanes' exponential is that of `exp`. */
const LIMIT_2: usize = memory.data<f64>([708.0, 708.0], 16);

/** Multiplies `count` prices, a multiple of two, by e^(drift + deviation·normal). */
export function pathGrow(prices: usize, normals: usize, drift: f64, deviation: f64, count: i32): void {
  const mean = f64x2.splat(drift);
  const spread = f64x2.splat(deviation);
  for (let i: usize = 0, n = <usize>count << 3; i < n; i += 16) {
    const x = f64x2.add(mean, f64x2.mul(spread, v128.load(normals + i)));
    let growth = exp2Lanes(x);
    if (!i64x2.all_true(f64x2.le(f64x2.abs(x), pairAt(LIMIT_2)))) {
      growth = f64x2.splat(exp(f64x2.extract_lane(x, 0)));
      growth = f64x2.replace_lane(growth, 1, exp(f64x2.extract_lane(x, 1)));
    }
    v128.store(prices + i, f64x2.mul(v128.load(prices + i), growth));
  }
}
