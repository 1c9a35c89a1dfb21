import { math } from './math';

/** Error in units of the last place of `want`, which is the host's correctly rounded or nearly so. */
function ulps(got: number, want: number): number {
  if (Object.is(got, want)) return 0;
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(want))), -1022);
  return Math.abs(got - want) / 2 ** (exponent - 52);
}

const grid = (low: number, high: number, count: number): number[] =>
  Array.from({ length: count }, (_, i) => low + ((high - low) * (i + 0.37)) / count);

describe('the kernel’s functions', () => {
  // The host's functions are within one unit themselves; they are the yardstick here and are used nowhere else.
  it.each([
    ['exp', math.exp, Math.exp, grid(-700, 700, 4000), 2],
    ['expm1', math.expm1, Math.expm1, [...grid(-2, 2, 4000), ...grid(-1e-5, 1e-5, 100)], 4],
    ['log', math.log, Math.log, [...grid(1e-3, 5, 4000), ...grid(1, 1e300, 50), 1e-310], 2],
    ['log1p', math.log1p, Math.log1p, [...grid(-0.99, 4, 4000), ...grid(-1e-6, 1e-6, 100)], 4],
    ['sin', math.sin, Math.sin, [...grid(-20, 20, 4000), ...grid(1e5, 1.5e6, 500)], 2],
    ['cos', math.cos, Math.cos, [...grid(-20, 20, 4000), ...grid(1e5, 1.5e6, 500)], 2],
    ['atan', math.atan, Math.atan, grid(-30, 30, 4000), 2],
    ['sinh', math.sinh, Math.sinh, grid(-30, 30, 4000), 4],
    ['cosh', math.cosh, Math.cosh, grid(-30, 30, 4000), 5],
    ['tanh', math.tanh, Math.tanh, grid(-30, 30, 4000), 4],
    ['cbrt', math.cbrt, Math.cbrt, grid(-30, 30, 4000), 2],
  ] as const)('%s is accurate to a few units in the last place', (_name, ours, host, points, most) => {
    const worst = Math.max(...points.map((x) => ulps(ours(x), host(x))));
    expect(worst).toBeLessThanOrEqual(most);
  });

  it('pow is accurate and follows the rules for special arguments', () => {
    for (const x of grid(0.01, 30, 60)) {
      for (const y of grid(-25, 25, 60)) expect(ulps(math.pow(x, y), Math.pow(x, y))).toBeLessThanOrEqual(3);
    }
    const special: readonly (readonly [number, number])[] = [
      [0, 0],
      [0, 2],
      [0, -1],
      [-2, 3],
      [-2, 4],
      [-2, 0.5],
      [Infinity, -1],
      [2, 1e6],
      [2, -1e6],
      [NaN, 0],
    ];
    for (const [x, y] of special) expect(math.pow(x, y)).toEqual(Math.pow(x, y));
  });

  it('atan2 knows its quadrants', () => {
    for (const y of [-3, -1e-9, 0, 2, Infinity]) {
      for (const x of [-5, -1e-12, 1e-3, 7, Infinity])
        expect(math.atan2(y, x)).toBeCloseTo(Math.atan2(y, x), 15);
    }
  });

  it('reach their limits without accidents', () => {
    expect([math.exp(710), math.exp(-746), math.exp(-740) > 0, math.exp(NaN)]).toEqual([
      Infinity,
      0,
      true,
      NaN,
    ]);
    expect([math.log(0), math.log(-1), math.log(Infinity), math.log(1)]).toEqual([
      -Infinity,
      NaN,
      Infinity,
      0,
    ]);
    expect([math.normCdf(0), math.normCdf(-50), math.normCdf(50), math.normCdf(NaN)]).toEqual([
      0.5,
      0,
      1,
      NaN,
    ]);
    expect([math.normInv(0), math.normInv(1), math.normInv(0.5), math.normInv(1.1)]).toEqual([
      -Infinity,
      Infinity,
      0,
      NaN,
    ]);
    expect([math.erf(0), math.erf(9), math.erfc(-9), math.erfc(30)]).toEqual([0, 1, 2, 0]);
    expect(math.sin(Infinity)).toBeNaN();
  });

  it('normInv undoes normCdf over the range of doubles', () => {
    for (const x of [...grid(-37, 5, 400), ...grid(-0.01, 0.01, 40)]) {
      // What the last bit of the probability is worth.
      const information = math.normCdf(x) === 0 ? 0 : (2.3e-16 * math.normCdf(x)) / math.normPdf(x);
      expect(Math.abs(math.normInv(math.normCdf(x)) - x)).toBeLessThanOrEqual(
        6e-16 * Math.abs(x) + 4 * information,
      );
    }
  });

  it('erf, erfc and erfcx are one function', () => {
    for (const x of grid(-3, 6, 300)) {
      expect(math.erf(x) + math.erfc(x)).toBeCloseTo(1, 14);
      expect(Math.abs(math.erfcx(x) * math.exp(-x * x) - math.erfc(x))).toBeLessThanOrEqual(
        1e-14 * math.erfc(x),
      );
      expect(Math.abs(math.erfc(x) - 2 * math.normCdf(-x * Math.SQRT2))).toBeLessThanOrEqual(
        2e-14 * math.erfc(x),
      );
    }
  });
});
