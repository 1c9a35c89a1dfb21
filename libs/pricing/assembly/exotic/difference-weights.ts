// Weights of finite differences on equally spaced points, central or one-sided (Fornberg 1988).

const table: usize = memory.data(9 * 4 * 8);

function at(node: i32, order: i32): usize {
  return table + ((<usize>(node * 4 + order)) << 3);
}

/** Prepares weights at zero for the nodes first, first + 1, ..., first + count - 1; derivatives up to the third. */
export function prepareDifferences(first: i32, count: i32): void {
  for (let i = 0; i < count * 4; i++) store<f64>(table + ((<usize>i) << 3), 0.0);
  store<f64>(at(0, 0), 1.0);
  let c1 = 1.0;
  let c4 = <f64>first;
  for (let i = 1; i < count; i++) {
    const top = min(i, 3);
    let c2 = 1.0;
    const c5 = c4;
    c4 = <f64>(first + i);
    for (let j = 0; j < i; j++) {
      const c3 = <f64>(i - j);
      c2 *= c3;
      if (j == i - 1) {
        for (let m = top; m >= 1; m--) {
          store<f64>(
            at(i, m),
            (c1 * (<f64>m * load<f64>(at(i - 1, m - 1)) - c5 * load<f64>(at(i - 1, m)))) / c2,
          );
        }
        store<f64>(at(i, 0), (-c1 * c5 * load<f64>(at(i - 1, 0))) / c2);
      }
      for (let m = top; m >= 1; m--) {
        store<f64>(at(j, m), (c4 * load<f64>(at(j, m)) - <f64>m * load<f64>(at(j, m - 1))) / c3);
      }
      store<f64>(at(j, 0), (c4 * load<f64>(at(j, 0))) / c3);
    }
    c1 = c2;
  }
}

/** Weight of node `node` (counted from the first) for the derivative of `order`; divide the sum by h^order. */
export function differenceWeight(node: i32, order: i32): f64 {
  return load<f64>(at(node, order));
}
