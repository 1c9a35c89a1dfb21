// Trades in the underlying on simulated paths.
import { expm1 } from '../math/exponential';
import { pairAt } from '../math/lanes';

const ZERO: usize = memory.data<f64>([0.0, 0.0], 16);
const ONE: usize = memory.data<f64>([1.0, 1.0], 16);

/** `before` where `traded` is not, plus `amount` where it is. */
@inline
function add(at: usize, amount: v128, traded: v128): void {
  const before = v128.load(at);
  v128.store(at, v128.bitselect(f64x2.add(before, amount), before, traded));
}

/**
 * Brings the hedge of `count` paths, a multiple of two, from `held` to `wanted`: cash flows, costs (both times `discount`), trades and
 * turnover are added up, and a permanent impact moves `spot`. The account's columns stand `stride` bytes apart: held, wanted, flows,
 * costs, trades, turnover. A path that is where it should be is left alone.
 */
export function pathTrade(
  account: usize,
  stride: usize,
  spots: usize,
  count: i32,
  discount: f64,
  proportional: f64,
  fixed: f64,
  temporary: f64,
  squareRoot: f64,
  permanent: f64,
): void {
  const now = f64x2.splat(discount);
  const perNotional = f64x2.splat(proportional);
  const perTrade = f64x2.splat(fixed);
  for (let i: usize = 0, n = <usize>count << 3; i < n; i += 16) {
    const at = account + i;
    const held = v128.load(at);
    const wanted = v128.load(at + stride);
    const x = f64x2.sub(wanted, held);
    const traded = f64x2.ne(x, pairAt(ZERO));
    if (!v128.any_true(traded)) continue;
    const price = v128.load(spots + i);
    const size = f64x2.abs(x);
    const notional = f64x2.mul(size, price);
    let cost = f64x2.add(perTrade, f64x2.mul(notional, perNotional));
    if (temporary > 0.0)
      cost = f64x2.add(cost, f64x2.mul(f64x2.mul(notional, f64x2.splat(temporary)), size));
    if (squareRoot > 0.0)
      cost = f64x2.add(cost, f64x2.mul(f64x2.mul(notional, f64x2.splat(squareRoot)), f64x2.sqrt(size)));
    if (permanent > 0.0) {
      const impact = f64x2.splat(permanent);
      const push = f64x2.mul(impact, x);
      const move = f64x2.replace_lane(
        f64x2.splat(expm1(f64x2.extract_lane(push, 0))),
        1,
        expm1(f64x2.extract_lane(push, 1)),
      );
      cost = f64x2.add(cost, f64x2.sub(f64x2.div(f64x2.mul(price, move), impact), f64x2.mul(x, price)));
      const pushed = f64x2.mul(price, f64x2.add(pairAt(ONE), move));
      v128.store(spots + i, v128.bitselect(pushed, price, traded));
    }
    v128.store(at, v128.bitselect(wanted, held, traded));
    add(at + 2 * stride, f64x2.neg(f64x2.mul(f64x2.mul(now, x), price)), traded);
    add(at + 3 * stride, f64x2.mul(now, cost), traded);
    add(at + 4 * stride, pairAt(ONE), traded);
    add(at + 5 * stride, notional, traded);
  }
}
