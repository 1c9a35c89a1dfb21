/** f'(x) by the eighth-order central difference with step h: error of order h^8·f⁽⁹⁾ and of rounding/h. */
export function derivative(f: (x: number) => number, x: number, h: number): number {
  const pair = (n: number): number => f(x + n * h) - f(x - n * h);
  return ((4 / 5) * pair(1) - (1 / 5) * pair(2) + (4 / 105) * pair(3) - (1 / 280) * pair(4)) / h;
}
